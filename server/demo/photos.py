"""Small drawn pictures in the place of photos: a scene, its label, and 演示 so that nobody takes it for real."""

from __future__ import annotations

import io
import random
from functools import cache

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

SIZE = (400, 300)
QUALITY = 68


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)


def gate(name: str, random_: random.Random) -> bytes:
    """A school gate with its plate."""
    image, draw = _ground(random_)
    wall = _shade(random_, (150, 120, 100))
    draw.rectangle((30, 120, 130, 250), fill=wall)
    draw.rectangle((270, 120, 370, 250), fill=wall)
    draw.rectangle((30, 90, 370, 125), fill=_shade(random_, (120, 40, 40)))
    for left in range(140, 262, 16):
        draw.line((left, 140, left, 250), fill=(90, 90, 95), width=3)
    draw.text((200, 107), name[:14], font=_font(20), fill=(250, 235, 200), anchor="mm")
    return _finish(image, draw, "校门标牌")


def scene(label: str, random_: random.Random) -> bytes:
    """Evidence behind an answer: a room with something in it, and the question's subject."""
    image, draw = _ground(random_)
    draw.polygon(((0, 220), (400, 190), (400, 300), (0, 300)), fill=_shade(random_, (170, 160, 150)))
    draw.rectangle((random_.randint(10, 60), 40, random_.randint(90, 150), 205), fill=_shade(random_, (110, 140, 150)))
    for _ in range(random_.randint(3, 6)):
        left, top = random_.randint(130, 330), random_.randint(150, 230)
        side = random_.randint(20, 50)
        draw.rectangle((left, top, left + side, top + side), fill=_shade(random_, (160, 130, 90)), outline=(70, 60, 50))
    left, top = random_.randint(150, 280), random_.randint(140, 200)
    draw.ellipse((left, top, left + 70, top + 55), outline=(214, 40, 40), width=4)
    return _finish(image, draw, label)


def signature(random_: random.Random) -> bytes:
    """A scribble on white."""
    image = Image.new("L", (300, 120), 255)
    draw = ImageDraw.Draw(image)
    for start in (30, 110, 190):
        points = [(start + step * 12 + random_.randint(-6, 6), 60 + random_.randint(-34, 34)) for step in range(6)]
        draw.line(points, fill=20, width=3, joint="curve")
    return _jpeg(image)


def _ground(random_: random.Random) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", SIZE, _shade(random_, (196, 214, 226)))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 240, 400, 300), fill=_shade(random_, (150, 150, 145)))
    return image, draw


def _shade(random_: random.Random, base: tuple[int, int, int]) -> tuple[int, int, int]:
    return (
        min(255, max(0, base[0] + random_.randint(-24, 24))),
        min(255, max(0, base[1] + random_.randint(-24, 24))),
        min(255, max(0, base[2] + random_.randint(-24, 24))),
    )


def _finish(image: Image.Image, draw: ImageDraw.ImageDraw, label: str) -> bytes:
    draw.rectangle((0, 268, 400, 300), fill=(35, 45, 55))
    draw.text((10, 284), label[:20], font=_font(16), fill=(255, 255, 255), anchor="lm")
    draw.text((392, 284), "演示", font=_font(14), fill=(255, 210, 90), anchor="rm")
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
