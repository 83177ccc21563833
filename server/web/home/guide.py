"""How to use the pages, for each role in a few steps; Chinese and English."""

from __future__ import annotations

from typing import Final

# Role -> steps in the order in which they are met. The words in 【】 are those of the pages.
GUIDE: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "school": (
        (
            "登录后在【工作台】：等学校办的事按剩余天数排列，最急的在最上面。",
            "The desk lists what waits for the school, the least days left on top.",
        ),
        (
            "点开一条：哪里不达标、依据哪一题、现场照片、要求、责任人和期限都在这一页；期限怎么算的也写着，可以自己核对。",
            "Open one: what is wrong, on which answer it rests, photos, requirement, person and date are on its page, "
            "and how the days were counted.",
        ),
        (
            "收到初步督导意见：先【签收】，再【无异议】或在期限内【提出申辩】，可以附照片和文件。过期不申辩，视为无异议。",
            "An initial opinion: acknowledge it, then agree or state within its limit, with photos and files. Silence "
            "after the limit means no objection.",
        ),
        (
            "收到整改通知书：先【提交整改方案】（措施、责任人、完成日期），改好后【提交整改报告和证据】，附整改后的照片。",
            "A notice: hand in a plan (measures, person, date); when it is done, hand in the report and the evidence "
            "with photos.",
        ),
        (
            "来不及：在到期日以前【申请延期】，只能一次，最多延长原期限的一半。",
            "Not in time: ask for more before the due date, once, half of the original limit at most.",
        ),
        (
            "提交后由别人到校或看材料复查，通过才销号；复查期间期限停住，不算超期。",
            "Somebody else verifies it; only then is it closed. While others look at it the limit stands still.",
        ),
        (
            "认为亮牌有误，点开灯看规则、分子分母和每一道答案；有异议在申辩里写清楚是哪一题。",
            "If a light seems wrong, open it: rule, fraction and every answer stand there; name it in your statement.",
        ),
    ),
    "inspector": (
        (
            "【我的督导】里有负责的学校、上次到校时间、未销号问题；手机扫那里的二维码，就能离线填检查单。",
            "“My inspections” has your schools, the last visits and open findings; scan its code to fill in checklists "
            "on the phone, offline.",
        ),
        (
            "手机上怎么用，见手机应用里的“使用说明”，没有网络也能看。",
            "How the phone is used stands in the app itself under “How to use it”, also without a network.",
        ),
        (
            "检查单提出的问题经督导室确认后，在【工作台】【送达初步督导意见】；整改方案由您认可或退回，最多退两次。",
            "Once the office has confirmed a finding, give the initial opinion from the desk; plans are yours to "
            "accept or return, twice at most.",
        ),
        (
            "指派给您的复查在【工作台】：旧照片在旁边，对着原来的位置拍。自己发现的问题一般由别人复查。",
            "Re-checks assigned to you are on the desk, old photos beside them. As a rule somebody else re-checks what "
            "you have found.",
        ),
    ),
    "office": (
        (
            "【工作台】按环节列出等督导室办的事：待确认、申辩、通知书、方案答复、证据待指派、待销号、反弹、延期。",
            "The desk lists each stage by itself: to confirm, statements, notices, answers, evidence to assign, "
            "closings, relapses, extensions.",
        ),
        (
            "提出的问题要确认才立项；改严重程度、路线或责任部门要写理由。同类的可以在台账里勾选，一次办完。",
            "A proposed finding stands once it is confirmed; another severity, route or department needs a reason. "
            "Many of a kind are taken in one go from the ledger.",
        ),
        (
            "通知书、意见书按模板自动编号，生成 PDF 和 Word；模板在【文书模板】里下载、改好再传上来。",
            "Notices are numbered and made as PDF and Word from templates that you can download, change and upload.",
        ),
        (
            "复查人不能是被查单位的人，一般也不是发现人；通过后才能【销号】。",
            "Who re-checks is nobody of the unit and as a rule not the finder; only after a pass can it be closed.",
        ),
        (
            "检查单、指标和门槛在 Excel 里：【检查单】上传，先看问题和预览，再发布；旧版本填的照样收。",
            "Checklists, indicators and thresholds are workbooks: upload, read the problems and the preview, publish. "
            "What was filled in with an older version still arrives.",
        ),
        (
            "手机丢了：在【采集手机】里让它退出，下次联网时自动清空。",
            "A lost phone is signed out under “Phones” and empties itself at its next contact.",
        ),
    ),
    "leading": (
        (
            "【季度亮牌】看全区：学校按维度，先看红灯；点任何一个灯，都能看到规则、分子分母、每一道答案和照片。",
            "The quarter's lights show the district, reds first; open any light for its rule, fraction, answers and "
            "photos.",
        ),
        (
            "灰灯是没有数据，不是没有问题；季末成绩单冻结后可以重算核对。",
            "Grey means no data, not no problem. A frozen scorecard can be recomputed and compared.",
        ),
        (
            "【工作台】里是等领导小组决定的措施：系统只提建议，有决定文件才算数；涉及个人的先听陈述申辩。",
            "The desk has the measures to decide: the software only proposes, your document makes one real; a person "
            "concerned is heard first.",
        ),
    ),
    "department": (
        (
            "【工作台】里是商请部门协办的事：【签收】，在期限内【答复协商意见】；在改好以前不算学校的红灯。",
            "The desk has what the department is consulted on: acknowledge, answer within the limit; meanwhile it is "
            "no red of the school.",
        ),
        (
            "【我的部门】看本部门牵头的指标和灯；要报的数据表也在那里填。",
            "“My department” has the indicators that you lead and their lights, and the returns to fill in.",
        ),
    ),
    "administrator": (
        (
            "【单位】从 Excel 导入，逐行告诉哪里不对；【人员】新建账号、授予角色、重置密码。",
            "Units come from a workbook, each wrong row is told; people get accounts, roles and new passwords.",
        ),
        (
            "【通知】看邮件和群机器人发到没有，哪里失败、为什么。",
            "“Notifications” says what became of mail and of posts to group robots, and why something failed.",
        ),
    ),
}


def guide_for(roles: frozenset[str]) -> list[tuple[str, tuple[tuple[str, str], ...], bool]]:
    """Role, steps and whether the reader has that role; the reader's own first."""
    return sorted(((role, steps, role in roles) for role, steps in GUIDE.items()), key=lambda part: not part[2])
