"""Answers in Chinese (Simplified)."""

from datetime import date

from app.answers.phrases import Phrase, Phrases

_FIXING = "这是我们这边的问题，正在处理。页面的问题您无需操作；您的应还金额以这里写的为准。"
_NOTHING = "您现在无需做任何事。"
_BY_HAND = "我们的工作人员正在核对您的账户，之后会联系您。在此之前您无需做任何事。"

#: Currencies with a name of their own; others are written with their code.
_NAMES = {"CNY": "元", "USD": "美元", "EUR": "欧元", "HKD": "港元", "JPY": "日元"}


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _amount(text: str, currency: str) -> str:
    whole, _, cents = text.partition(".")
    figure = f"{int(whole):,}.{cents}" if cents else f"{int(whole):,}"
    name = _NAMES.get(currency)
    return f"{figure}{name}" if name else f"{figure} {currency}"


CHINESE = Phrases(
    day=_day,
    amount=_amount,
    heading="关于您的账户 {account}，截至{day}：",
    causes={
        "ledger_tampered": Phrase(
            "您账户的记录前后不一致，在核对清楚之前，我们不会给您任何金额。", _BY_HAND
        ),
        "not_recorded": Phrase(
            "您的账户下没有借款记录。", "如果您认为应该有，请告诉我们借款的日期和金额。"
        ),
        "not_recorded.account": Phrase("我们没有找到这个账户。", "请核对账户号码后再联系我们。"),
        "not_overdue.paid": Phrase(
            "到期的款项已经全部还清，所以页面上没有逾期，这是正确的。", _NOTHING
        ),
        "not_overdue.within_grace": Phrase(
            "有{late}自{late_since}起未还，但宽限期到{grace_until}为止，在此之前不算逾期。",
            "请在{grace_until}之前还款。",
        ),
        "not_overdue.below_tolerance": Phrase(
            "还有{late}未还。金额很小，按合同不算逾期。", "请在下次还款时一并还清。"
        ),
        "not_overdue.due_date_moved": Phrase(
            "未还款项的还款日已按约定改期，新的还款日还没有到。", "请在新的还款日之前还款。"
        ),
        "not_overdue.restructured": Phrase(
            "我们已为之前逾期的款项做了新的还款计划，新计划中没有逾期。", "请按新的还款计划还款。"
        ),
        "not_overdue.paused": Phrase(
            "有{late}自{late_since}起未还，但约定的暂缓期间不计入逾期天数。", "暂缓期结束后请还款。"
        ),
        "not_overdue.waived": Phrase("到期的款项已全部或部分减免，没有其他逾期。", _NOTHING),
        "not_overdue.written_off": Phrase(
            "我们已在账上核销{written_off}，所以页面上没有逾期。这笔钱您仍需偿还。",
            "请联系我们商定还款方式。",
        ),
        "not_overdue.cancelled": Phrase("到期的款项已取消或退款，没有其他逾期。", _NOTHING),
        "not_overdue.not_due_yet": Phrase("您还没有到期未还的款项。", _NOTHING),
        "not_overdue": Phrase("您的账户没有逾期款项。", _NOTHING),
        "known_later": Phrase(
            "在您询问的那个时间，我们还不知道这件事：使款项逾期的记录是之后才入账的。",
            "如果您认为记录有误，请联系我们。",
        ),
        "not_projected": Phrase("您的页面还没有显示账户的最新记录。", _FIXING),
        "quarantined": Phrase("您账户中有一笔记录系统未能处理，页面可能还是之前的状态。", _BY_HAND),
        "day_not_rolled": Phrase("您的页面显示的还是前些天的状态。", _FIXING),
        "drifted": Phrase("您的页面上有内容缺失或有误。", _FIXING),
        "generation_not_switched": Phrase("您的页面是由旧版程序生成的。", _FIXING),
        "stale_cache": Phrase("您的页面显示的是之前的金额。", _FIXING),
        "withheld_by_policy": Phrase(
            "按照目前适用于您账户的规则，页面没有显示全部逾期内容。",
            "这不影响您的应还金额。如有疑问，请联系我们。",
        ),
        "not_permitted": Phrase("所用的登录身份无权查看这个账户。", "请用账户本人的身份登录。"),
        "client_too_old": Phrase(
            "您的应用版本太旧，不能显示逾期内容。", "请更新应用后重新打开页面。"
        ),
        "shown": Phrase(
            "您的页面已显示这笔款项逾期。",
            "如果您没有看到，请重新打开页面。如果您已经还款，请告诉我们还款的日期和金额。",
        ),
        "notice_failed": Phrase(
            "您的页面已经显示，但我们的提醒没有送达。", "请核对您留给我们的电话和地址。"
        ),
        "although_paid.not_overdue": Phrase("您的账户没有逾期款项。", _NOTHING),
        "although_paid.not_shown_yet": Phrase("您的还款已入账，但您的页面还没有显示。", _FIXING),
        "although_paid.not_recorded": Phrase(
            "我们没有找到您所说的这笔还款。", "请告诉我们还款的日期和金额，并附上银行的付款凭证。"
        ),
        "although_paid.recorded_later": Phrase(
            "您的还款是在您询问的时间之后入账的，当时我们还不知道这笔还款。", _NOTHING
        ),
        "although_paid.counts_later": Phrase(
            "您的还款从您询问的日期之后才开始计算。", "如果您认为应该从更早的日期计算，请联系我们。"
        ),
        "although_paid.reversed": Phrase(
            "您的还款已被撤回，款项没有到账。", "请向银行询问原因，并重新还款。"
        ),
        "although_paid.refunded": Phrase("您支付的款项已全部或部分退还给您。", "请还清逾期金额。"),
        "although_paid.other_draw": Phrase(
            "您的还款用于您的另一笔借款。", "如果您想还的是这一笔，请联系我们。"
        ),
        "although_paid.charges_first": Phrase(
            "按合同约定，您的还款先用于逾期费用和手续费，余下的不够还清到期款项。",
            "请还清逾期金额。如有疑问，请联系我们。",
        ),
        "although_paid.other_installment": Phrase(
            "您的还款用于同一笔借款的另一期。", "请还清逾期金额。如有疑问，请联系我们。"
        ),
        "although_paid.written_off_debt": Phrase(
            "您的还款用于我们账上已核销、但您仍需偿还的款项。",
            "请还清逾期金额。如有疑问，请联系我们。",
        ),
        "although_paid.paid_after_due": Phrase(
            "您的还款晚于还款日。现在逾期的只是因晚还产生的费用。",
            "请还清这笔费用。如果您是按时还款的，请告诉我们日期。",
        ),
        "although_paid.below_due": Phrase("您的还款少于应还金额。", "请还清剩余部分。"),
        "although_paid.charged_besides": Phrase(
            "您的还款已还清到期款项。现在逾期的是另外产生的费用。",
            "请还清这笔费用。如有疑问，请联系我们。",
        ),
        "incomplete": Phrase("回答所需的检查未能全部完成。", _BY_HAND),
    },
    unknown=Phrase("我们已查看您的账户。", _BY_HAND),
    is_overdue="目前有{overdue}逾期，自{overdue_since}起，共{days}天。",
    is_not_overdue="目前没有逾期。",
    next_due="您的下一笔还款是{next_due}，还款日为{next_due_on}。",
    no_figures="目前我们无法给出金额。",
    partly_checked="还有检查没有完成；如果结果有变，我们会联系您。",
    separator="",
)
