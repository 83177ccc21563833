"""The grammar of catalogue expressions: tokens, the tree, and the parser. Evaluation is in analysis.expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, NoReturn

from forms.meaning import SCALE, to_fixed

Number = int | Fraction
Comparator = Literal["=", "!=", "<", "<=", ">", ">="]

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<item>\$\{[^{}]*\}) | (?P<attribute>unit\.\w+) | (?P<number>\d+(?:\.\d+)?) | (?P<text>'[^']*'|"[^"]*")
      | (?P<symbol>!=|<=|>=|[=<>+\-*(),]) | (?P<word>[^\W\d]\w*)
    )""",
    re.VERBOSE,
)
# No honest condition is longer or nests deeper, and Python's own stack must not be the limit.
_LONGEST: Final = 400
_DEEPEST: Final = 20


class ExpressionError(ValueError):
    """An expression that cannot be read: ``position`` counts characters from 1, ``zh`` and ``en`` say what is wrong."""

    def __init__(self, text: str, position: int, zh: str, en: str) -> None:
        super().__init__(f"{en} at character {position} of {text!r}")
        self.text = text
        self.position = position
        self.zh = f"表达式第 {position} 个字符处：{zh}"
        self.en = f"character {position} of the expression: {en}"


@dataclass(frozen=True, slots=True)
class Written:
    """A number or a text written in the expression."""

    value: Number | str


@dataclass(frozen=True, slots=True)
class ItemRef:
    """The answer to a question; missing if unanswered."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the unit; missing if unknown."""

    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: Literal["+", "-", "*"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare:
    operator: Comparator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic:
    operator: Literal["and", "or"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Not:
    inner: Node


@dataclass(frozen=True, slots=True)
class Selected:
    """True if a select_multiple's answer has the choice among those chosen."""

    item: ItemRef
    choice: str


@dataclass(frozen=True, slots=True)
class Answered:
    """True if the question is answered or the attribute known."""

    inner: ItemRef | Attribute


Node = Written | ItemRef | Attribute | Arithmetic | Compare | Logic | Not | Selected | Answered


def whole(value: Fraction) -> Number:
    """The same number as an int where it is one."""
    return value.numerator if value.denominator == 1 else value


class Parser:
    """Recursive descent over the tokens; one method a level of precedence, loosest first."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        self.index = 0
        self.depth = 0
        position = 0
        while text[position:].strip():
            found = _TOKEN.match(text, position)
            if not found or not found.lastgroup:
                blank = len(text[position:]) - len(text[position:].lstrip())
                self.fail(position + blank, "无法识别的字符", "unknown character")
            self.tokens.append((found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
            position = found.end()
        if len(self.tokens) > _LONGEST:
            self.fail(self.tokens[_LONGEST][2], "表达式过长", "the expression is too long")
        self.tokens.append(("end", "", len(text)))

    def fail(self, position: int, zh: str, en: str) -> NoReturn:
        raise ExpressionError(self.text, position + 1, zh, en)

    def whole(self) -> Node:
        node = self.either()
        kind, token, position = self.tokens[self.index]
        if kind != "end":
            self.fail(position, f"多出 {token}", f"{token!r} is not expected")
        return node

    def peek(self, *tokens: str) -> bool:
        kind, token, _ = self.tokens[self.index]
        return kind in ("symbol", "word") and token in tokens

    def take(self, *tokens: str) -> str:
        """The next token if it is one of these, else the error."""
        _, token, position = self.tokens[self.index]
        if not self.peek(*tokens):
            wanted = " ".join(tokens)
            self.fail(position, f"此处应为 {wanted}", f"expected {wanted}")
        self.index += 1
        return token

    def either(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail(self.tokens[self.index][2], "括号嵌套过深", "nested too deeply")
        node = self.both()
        while self.peek("or"):
            self.index += 1
            node = Logic("or", node, self.both())
        self.depth -= 1
        return node

    def both(self) -> Node:
        node = self.negation()
        while self.peek("and"):
            self.index += 1
            node = Logic("and", node, self.negation())
        return node

    def negation(self) -> Node:
        inverted = False
        while self.peek("not"):
            self.index += 1
            inverted = not inverted
            if self.peek("in"):
                self.fail(self.tokens[self.index][2], "请写 not (x in (...))", "write: not (x in (...))")
        node = self.comparison()
        return Not(node) if inverted else node

    def comparison(self) -> Node:
        left = self.total()
        if self.peek("in"):
            self.index += 1
            return self.membership(left)
        if self.peek("=", "!=", "<", "<=", ">", ">="):
            operator = self.take("=", "!=", "<", "<=", ">", ">=")
            return Compare(operator, left, self.total())  # type: ignore[arg-type]
        return left

    def membership(self, left: Node) -> Node:
        """``x in (a, b)`` is ``x = a or x = b``."""
        self.take("(")
        node: Node = Compare("=", left, self.literal())
        while self.peek(","):
            self.index += 1
            node = Logic("or", node, Compare("=", left, self.literal()))
        self.take(")")
        return node

    def total(self) -> Node:
        node = self.product()
        while self.peek("+", "-"):
            operator = self.take("+", "-")
            node = Arithmetic(operator, node, self.product())  # type: ignore[arg-type]
        return node

    def product(self) -> Node:
        node = self.atom()
        while self.peek("*"):
            self.index += 1
            node = Arithmetic("*", node, self.atom())
        return node

    def atom(self) -> Node:
        kind, token, position = self.tokens[self.index]
        if self.peek("("):
            self.index += 1
            node = self.either()
            self.take(")")
            return node
        if self.peek("-"):
            self.index += 1
            return Arithmetic("-", Written(0), self.atom())
        if kind == "word" and token in ("selected", "answered"):
            return self.function(token)
        if kind in ("item", "attribute"):
            return self.reference()
        if kind not in ("number", "text"):
            zh, en = "此处应为题目、单位属性、数或文字", "expected a question, a unit attribute, a number or a text"
            self.fail(position, zh, en)
        return self.literal()

    def function(self, name: str) -> Node:
        self.index += 1
        self.take("(")
        reference = self.reference()
        if name == "answered":
            self.take(")")
            return Answered(reference)
        if not isinstance(reference, ItemRef):
            self.fail(self.tokens[self.index - 1][2], "selected 只用于题目", "selected() needs a question")
        self.take(",")
        choice = self.literal()
        self.take(")")
        return Selected(reference, str(choice.value))

    def reference(self) -> ItemRef | Attribute:
        kind, token, position = self.tokens[self.index]
        self.index += 1
        if kind == "attribute":
            return Attribute(token.removeprefix("unit."))
        name = token[2:-1].strip() if kind == "item" else ""
        if not name:
            self.fail(position, "此处应为题目，如 ${name}", "expected a question such as ${name}")
        return ItemRef(name)

    def literal(self) -> Written:
        kind, token, position = self.tokens[self.index]
        negative = self.peek("-")
        if negative:
            self.index += 1
            kind, token, position = self.tokens[self.index]
        if kind == "text" and not negative:
            self.index += 1
            return Written(token[1:-1])
        fixed = to_fixed(token) if kind == "number" else None
        if fixed is None:
            zh, en = (
                "此处应为数（至多四位小数）或引号中的文字",
                "expected a number (at most four decimals) or a quoted text",
            )
            self.fail(position, zh, en)
        self.index += 1
        number = whole(Fraction(fixed, SCALE))
        return Written(-number if negative else number)
