//! What an invoice needs: a title, a tax number, an address to send it to.

use super::{
    cues::Cue,
    form::{Form, Reading, pattern},
};

pub static EMAIL: Form =
    Form::new(|| pattern(r"[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}"), |it| it.cues.mail);
pub static LABELLED_TAX: Form = Form::new(
    || {
        pattern(
            r"(?:纳税人识别号|納稅人識別號|信用代码|信用代碼|税务?号码?|稅號|统一编号|統一編號|統編|税号|tax\s?(?:id|no|number|code)?|vat\s?(?:id|no|number)?|gst(?:in)?)\s*(?:是|为|is|no\.?|number|[:#=.])*\s*(?P<number>[a-z]{0,3}\d[a-z0-9]{6,19})",
        )
    },
    |it| it.cues.digits > 0 && it.cues.has(Cue::Tax),
);
/// China's unified social credit code: where the office is, then a body and a check sign.
pub static CREDIT_CODE: Form = Form::new(
    || pattern(r"(?:^|[^a-z0-9])(?P<number>[159y][1-9]\d{6}[0-9a-hj-npqrtuwxy]{10})(?:$|[^a-z0-9])"),
    |it| it.cues.digits > 6,
);
pub static LABELLED_TITLE: Form = Form::new(
    || {
        pattern(
            r"(?:发票抬头|發票抬頭|抬头|抬頭|开票名称|公司名称|公司名稱|单位名称|invoice (?:title|name)|company(?: name)?|bill(?:ed)? to|title)\s*(?:是|为|is|[:=])+\s*(?P<title>[^,，;；。\n]{2,60})",
        )
    },
    |it| it.cues.has(Cue::Title),
);
pub static COMPANY: Form = Form::new(
    || {
        pattern(
            r"(?P<title>[\p{Han}a-z0-9（）()·&]{2,40}(?:有限责任公司|有限責任公司|股份有限公司|有限公司|公司|事务所|事務所|工作室|商行|经营部|合作社|研究院|大学|学校|医院|委员会)|(?:[a-z0-9&.'-]+ ){1,6}(?:ltd|limited|inc|llc|gmbh|corp|corporation|co|plc|b\.?v|s\.?a|s\.?r\.?l)(?-u:\b)\.?)",
        )
    },
    |it| it.cues.has(Cue::Title),
);
/// What makes of the words after the label a question, not a title.
const QUESTIONS: [&str; 10] = ["吗", "嗎", "什么", "什麼", "怎么", "怎麼", "能不能", "可以", "?", "？"];

pub fn emails(text: &Reading) -> Vec<String> {
    let found = text.all(&EMAIL).filter_map(|it| it.get(0));
    found.map(|it| it.as_str().trim_end_matches('.').to_owned()).collect()
}

pub fn tax_number(text: &Reading) -> Option<String> {
    let labelled = text.first(&LABELLED_TAX).and_then(|it| it.name("number"));
    // Eighteen digits alone are as likely the number of an order.
    let bare = || {
        let found = text.first(&CREDIT_CODE)?.name("number")?;
        found.as_str().bytes().any(|it| it.is_ascii_alphabetic()).then_some(found)
    };
    labelled.or_else(bare).map(|it| it.as_str().to_uppercase())
}

pub fn title(text: &Reading) -> Option<String> {
    let labelled = text.first(&LABELLED_TITLE).and_then(|it| it.name("title")).map(|it| it.as_str());
    let titled = labelled.map(without_what_follows).filter(|it| !it.is_empty() && !asks(it));
    titled.or_else(|| company(text)).map(str::to_owned)
}

fn company<'t>(text: &Reading<'t>) -> Option<&'t str> {
    let found = text.first(&COMPANY)?.name("title")?.as_str();
    // The label, and who it is for, run into the name where no sign parts them.
    let labels = ["发票抬头", "發票抬頭", "抬头", "抬頭", "公司名称", "名称", "请开", "开给", "开", "开票", "title"];
    let found = labels.iter().fold(found, |it, label| it.strip_prefix(label).unwrap_or(it)).trim();
    let known = ["公司", "你们公司", "贵公司", "我们公司", "快递公司", "物流公司"].contains(&found);
    (found.chars().count() > 3 && !known && !asks(found)).then_some(found)
}

/// A title ends where the tax number or an address begins.
pub fn without_what_follows(title: &str) -> &str {
    let folded = title.to_lowercase();
    let labels = ["税号", "稅號", "纳税", "邮箱", "统一", "tax", "vat", "email", "e-mail"];
    let begins = |at: usize| !folded.get(..at).is_some_and(|it| it.ends_with(|it: char| it.is_ascii_alphabetic()));
    let places = labels.iter().flat_map(|it| folded.match_indices(it)).map(|(at, _)| at);
    // Within a word it is none: private.
    let end = places.filter(|at| begins(*at)).min().unwrap_or(title.len());
    title.get(..end).unwrap_or(title).trim()
}

fn asks(title: &str) -> bool {
    QUESTIONS.iter().any(|it| title.contains(it))
}
