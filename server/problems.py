"""One catalogue of what can go wrong: a stable code, an HTTP status and a sentence in Chinese and English.

Services and doors raise ``Problem``; ``server.doors.answers`` turns it into problem+json, OpenRosa XML, Central's
error shape or a page, by the door that was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of problem; ``{names}`` in the sentences are filled from the details."""

    status: int
    zh: str
    en: str


CATALOGUE: Final[dict[str, Kind]] = {
    "auth.required": Kind(401, "请先登录。", "Please sign in first."),
    "auth.wrong": Kind(401, "用户名或密码不正确。", "The user name or password is wrong."),
    "auth.slow_down": Kind(
        429, "尝试次数过多，请{seconds}秒后再试。", "Too many attempts; try again in {seconds} seconds."
    ),
    "auth.token": Kind(
        403,
        "手机链接无效或已停用，请向督导室索取新的二维码。",
        "This phone's link is not valid any more; ask for a new code.",
    ),
    "device.revoked": Kind(
        403,
        "这部手机已被退出登录，请重新登录或向督导室索取新的链接。",
        "This phone was signed out; sign in again or ask for a new link.",
    ),
    "auth.forbidden": Kind(403, "您没有权限执行此操作。", "You may not do this."),
    "auth.form_expired": Kind(
        403, "页面已过期，请刷新后重试；您填写的内容仍在。", "This page has expired; reload it and try again."
    ),
    "not_found": Kind(404, "没有找到所请求的内容。", "There is nothing here, or you may not see it."),
    "method": Kind(405, "此地址不支持该操作。", "This address does not support that method."),
    "request.invalid": Kind(400, "请求内容有误：{detail}", "The request is not valid: {detail}"),
    "request.too_large": Kind(413, "提交内容超过上限（{limit}字节）。", "The request is larger than {limit} bytes."),
    "request.type": Kind(415, "不支持的内容类型：{type}。", "The content type {type} is not supported."),
    "store.unavailable": Kind(
        503,
        "暂时无法保存，请稍后重试；手机上的内容不会丢失。",
        "It could not be saved just now; try again. Nothing is lost.",
    ),
    "internal": Kind(
        500, "服务器出错（编号{reference}），请联系管理员。", "The server failed (reference {reference})."
    ),
    "submission.form_unknown": Kind(
        404,
        "服务器上没有检查单{form}的版本{version}，请先更新手机上的检查单。",
        "Form {form} version {version} is not known here.",
    ),
    "submission.form_closed": Kind(
        409, "检查单{form}已停用，不再接收新的提交。", "Form {form} is closed and takes no more submissions."
    ),
    "submission.invalid": Kind(400, "提交的内容无法读取：{detail_zh}", "The submission cannot be read: {detail_en}"),
    "submission.no_xml": Kind(
        400, "提交中缺少xml_submission_file部分。", "The part xml_submission_file is missing from the submission."
    ),
    "submission.conflict": Kind(
        409,
        "编号{instance}的提交已存在且内容不同；请另存为新的一份再发送。",
        "Submission {instance} exists with other content.",
    ),
    "submission.deprecated_unknown": Kind(
        404, "要修改的原提交{instance}不存在。", "The submission {instance} that this one edits does not exist."
    ),
    "submission.deprecated_twice": Kind(
        409,
        "提交{instance}已被修改过；请先取回最新一版。",
        "Submission {instance} has been edited already; fetch the newest version.",
    ),
    "submission.unit_unknown": Kind(
        400,
        "学校代码{unit}不在名单中，请更新手机上的学校名单。",
        "Unit {unit} is not in the list; refresh the list on the phone.",
    ),
    "submission.unit_forbidden": Kind(
        403, "{unit}不在您的责任区内。", "{unit} is outside the area that you supervise."
    ),
    "review.verdict": Kind(400, "审核结论无效。", "That is no verdict of a review."),
    "review.superseded": Kind(
        409, "该版本已被修改，请审核最新一版。", "This version was edited; review the newest one."
    ),
    "review.reason": Kind(400, "退回或不采用时请写明原因。", "Say why, when you send it back or reject it."),
    "document.template": Kind(422, "{zh}", "{en}"),
    "step.refused": Kind(409, "{zh}", "{en}"),
    "step.stale": Kind(
        409, "有人刚刚办理了这件事，请看最新情况后再办。", "Somebody has just acted on this; look at how it stands now."
    ),
    "attachment.too_many": Kind(413, "附件超过{limit}个。", "There are more than {limit} attachments."),
    "attachment.too_large": Kind(413, "附件{name}超过{limit}字节。", "Attachment {name} is larger than {limit} bytes."),
    "attachment.type": Kind(415, "附件{name}的类型不被接受。", "Attachment {name} is of a type that is not accepted."),
    "attachment.unexpected": Kind(
        400, "附件{name}没有在检查单中被引用。", "No answer of the submission refers to the attachment {name}."
    ),
    "form.unpublishable": Kind(
        422, "工作簿有{count}处错误，不能发布。", "The workbook has {count} errors and cannot be published."
    ),
    "form.version_taken": Kind(
        409,
        "检查单{form}的版本{version}已发布且内容不同，请更改settings表的version。",
        "Version {version} of {form} exists with other content.",
    ),
    "import.unreadable": Kind(400, "无法读取表格：{detail_zh}", "The table cannot be read: {detail_en}"),
    "unit.unknown": Kind(404, "没有代码为{code}的单位。", "There is no unit with the code {code}."),
    "unit.kind": Kind(
        400, "{role}的范围不能是{code}这类单位。", "The role {role} cannot be held at {code}: wrong kind of unit."
    ),
    "role.unknown": Kind(400, "没有角色{role}。", "There is no role {role}."),
    "person.login": Kind(
        400,
        "用户名应为1至64个字符，不含空格、控制字符和:/?#%\\。",
        "A user name has 1 to 64 characters, no blank, no control character and none of :/?#%\\.",
    ),
    "person.term": Kind(400, "任期结束早于开始。", "The term ends before it begins."),
    "phone.unknown": Kind(404, "没有这个手机链接。", "There is no such phone link."),
    "project.unknown": Kind(404, "还没有为该单位建立项目。", "There is no project here yet."),
    "form.not_for_collector": Kind(
        409,
        "检查单{form}无法在网页采集中打开：{detail_zh}",
        "Form {form} cannot be opened in the web collector: {detail_en}",
    ),
    "form.unknown": Kind(404, "没有检查单{form}。", "There is no form {form}."),
    "person.taken": Kind(409, "用户名{login}已被使用。", "The user name {login} is taken."),
    "person.unknown": Kind(404, "没有用户{login}。", "There is no user {login}."),
    "password.weak": Kind(400, "密码至少{length}位。", "A password has at least {length} characters."),
    "quarter.invalid": Kind(400, "{text}不是季度，请写成2026Q4。", "{text} is not a quarter such as 2026Q4."),
    "snapshot.exists": Kind(
        409,
        "{quarter}已冻结（第{version}版），内容不同时请另作更正。",
        "{quarter} is frozen already (version {version}).",
    ),
    "snapshot.unknown": Kind(404, "{quarter}尚未冻结。", "{quarter} is not frozen."),
    "message.email": Kind(400, "电子邮箱地址不正确。", "That is not an e-mail address."),
    "message.mode": Kind(400, "请选择通知方式。", "Choose how you want to be told."),
    "bulk.too_many": Kind(400, "一次最多办理{limit}条，请缩小范围。", "At most {limit} at a time: choose fewer."),
    "bulk.nothing": Kind(400, "请先勾选要办理的问题。", "Choose the findings first."),
    "view.name": Kind(400, "请给这个视图起个名字。", "Give this view a name."),
    "view.too_many": Kind(400, "最多保存{limit}个视图。", "At most {limit} views are kept."),
    "robot.kind": Kind(400, "没有这种机器人。", "There is no such kind of robot."),
    "robot.name": Kind(400, "请给机器人起个名字。", "Give the robot a name."),
    "robot.url": Kind(400, "机器人地址不正确。", "That is no robot's address."),
    "robot.https": Kind(
        400, "机器人地址必须以https://开头，且不带端口。", "A robot's address begins with https:// and names no port."
    ),
    "robot.host": Kind(
        400,
        "该主机不在允许的名单中（设置webhook_hosts）。",
        "That host is not among those allowed (setting webhook_hosts).",
    ),
    "robot.key": Kind(400, "企业微信机器人的地址应带有key参数。", "A WeCom robot's address has a parameter key."),
    "robot.token": Kind(
        400, "钉钉机器人的地址应带有access_token参数。", "A DingTalk robot's address has a parameter access_token."
    ),
    "robot.secret": Kind(400, "请填写加签密钥。", "Enter the secret that signs the posts."),
    "catalogue.missing": Kind(409, "尚未载入指标目录或规则簿。", "No indicator catalogue or rulebook is loaded yet."),
}


class Problem(Exception):
    """Something went wrong that its user can understand. ``code`` is a key of CATALOGUE."""

    def __init__(self, code: str, /, *, headers: dict[str, str] | None = None, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.kind = CATALOGUE[code]
        self.details = details
        self.headers = headers or {}

    @property
    def status(self) -> int:
        return self.kind.status

    def message(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        template = self.kind.en if language == "en" else self.kind.zh
        return template.format(**self.details)

    def __str__(self) -> str:
        return f"{self.code}: {self.message('en')}"
