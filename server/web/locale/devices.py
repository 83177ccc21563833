"""Words of the page of phones with the web collector."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "nav.collect": ("填报", "Collect"),
    "nav.phones": ("采集手机", "Phones"),
    "phones.lead": (
        "每部手机上还有多少没有发送；丢失的手机可以在这里退出登录，它下次联网时自动清除数据。",
        "What each phone still has to send. A lost one can be signed out here: it wipes itself at its next contact.",
    ),
    "phones.add": ("连接一部手机", "Connect a phone"),
    "phones.add.text": (
        "在这部手机的浏览器里打开“填报”并登录即可；或者生成一个链接，用另一部手机扫码打开（只能用一次）。",
        "Open Collect in that phone's browser and sign in; or make a link and open it on another phone (works once).",
    ),
    "phones.make": ("生成链接", "Make a link"),
    "phones.once": (
        "这个链接只能用一次，离开本页后不再显示。",
        "This link works once and is not shown again after you leave this page.",
    ),
    "phones.none": ("还没有手机使用网页采集。", "No phone uses the web collector yet."),
    "phones.name": ("手机", "Phone"),
    "phones.holder": ("使用人", "Holder"),
    "phones.seen": ("最近联网", "Last seen"),
    "phones.waiting": ("待发送", "To be sent"),
    "phones.drafts": ("草稿", "Drafts"),
    "phones.sign_out": ("退出登录", "Sign out"),
    "phones.sign_out.warn": (
        "这部手机上没有发送的内容会被清除。",
        "What this phone has not sent will be wiped.",
    ),
    "phones.or_collector": ("或者：用浏览器填报，不装应用", "Or: fill in the browser, without an app"),
    "phones.or_collector.text": (
        "用手机相机或微信扫这个码；链接只能用一次，用过后上面的码随之失效。",
        "Scan this with the camera or WeChat. The link works once, and the code above stops working with it.",
    ),
    "done.phone_signed_out": (
        "已退出登录；这部手机下次联网时清除数据。",
        "Signed out; the phone wipes itself at its next contact.",
    ),
}
