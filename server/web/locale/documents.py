"""Words of numbered documents, their templates, feedback sheets, paper forms and keying."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "document.pdf": ("PDF", "PDF"),
    "document.docx": ("Word", "Word"),
    "documents.title": ("文书模板", "Document templates"),
    "documents.lead": (
        "文书按模板生成；下载现用模板，在 Word 中改好文字和版式后上传即可替换，花括号里的标签不要改。",
        "Documents are made from templates: download the one in use, change words and layout in Word, keep the tags "
        "in braces, and upload it.",
    ),
    "documents.head": ("发文机关和文号", "Issuer and numbers"),
    "documents.head.issuer": ("发文机关", "Issued by"),
    "documents.head.prefix": ("机关代字", "Beginning of the number"),
    "documents.head.contact": ("联系人及电话", "Contact and telephone"),
    "documents.head.example": ("下一份文号形如：{number}", "Numbers look like {number}"),
    "documents.head.hint": ("留空则使用默认值。", "Left empty, the default is used."),
    "documents.kind": ("文书", "Document"),
    "documents.in_use": ("现用模板", "Template in use"),
    "documents.shipped": ("系统自带", "Shipped"),
    "documents.own": ("本地模板", "Own template"),
    "documents.download": ("下载", "Download"),
    "documents.download_shipped": ("下载自带模板", "Download the shipped one"),
    "documents.upload": ("上传替换", "Replace"),
    "documents.file": ("Word 模板（.docx）", "Word template (.docx)"),
    "documents.drop": ("恢复自带模板", "Back to the shipped one"),
    "documents.tags": ("可用的标签", "Tags to use"),
    "documents.tags.hint": (
        "中文、英文标签都能用，写在两层花括号里，如 {example}；没有内容的标签留空。",
        "Chinese and English tags both work, in double braces, such as {example}; a tag without content stays empty.",
    ),
    "documents.tags.loop": (
        "问题清单逐条重复：表格行用 {begin} 和 {end}，行内写 {line}。",
        "The list of findings repeats a row between {begin} and {end}; inside it write {line}.",
    ),
    "documents.tags.of_document": ("文书的标签", "Tags of the document"),
    "documents.tags.of_line": ("每条问题的标签", "Tags of each finding"),
    "documents.refused": ("“{kind}”的模板没有替换：{problem}", 'The template "{kind}" was not replaced: {problem}'),
    "feedback.title": ("现场反馈单", "Feedback sheet"),
    "paper.print": ("打印纸质表", "Print on paper"),
    "done.template": ("模板已替换，以后的文书按它生成。", "The template is replaced; new documents follow it."),
    "done.template_dropped": ("已恢复系统自带模板。", "The shipped template is back in use."),
    "done.head": ("发文机关和文号已保存。", "Issuer and numbers are saved."),
}
