//! Words about pictures: that one comes, that there is none, and what platforms write in place of one.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::text::{fold_pattern, regex};

/// What pictures are called.
pub const NAMES: [&str; 28] = [
    "照片",
    "图片",
    "相片",
    "截图",
    "视频",
    "凭证",
    "图",
    "photos",
    "photo",
    "pictures",
    "picture",
    "pics",
    "pic",
    "images",
    "image",
    "videos",
    "video",
    "screenshots",
    "screenshot",
    "attachments",
    "attachment",
    "写真",
    "画像",
    "動画",
    "사진",
    "영상",
    "รูป",
    "วิดีโอ",
];
/// The same where names are words of other things as well.
pub const NAMES_ELSEWHERE: [&str; 6] = ["ảnh", "hình", "foto", "gambar", "imagen", "captura"];

/// The names that are written with this script, as one alternative.
fn named(latin: bool) -> String {
    let names: Vec<String> = NAMES.iter().filter(|it| it.is_ascii() == latin).map(|it| fold_pattern(it)).collect();
    format!("(?:{})", names.join("|"))
}

/// 图片发你了, "I have no photo": what goes with a picture or in its place, whatever was said before.
static SHOWS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let (chinese_name, latin_name) = (named(false), named(true));
    let chinese = format!(
        "^(?:我|这|这个|那|好的?|嗯|请|你|您|麻烦)*(?:{chinese_name}(?:我|已经?|都|刚刚?|在上面|在这里|在这|给)*(?:发|传|拍|上传)?(?:你|您|你们|给|过去|过来|好)*了\
        |{chinese_name}(?:我|已经?|都|刚刚?)*(?:发|传)(?:给|到)?(?:你|您)们?|(?:发|传|拍)(?:你|您|给你|给您|过去|了)*(?:几张|一张|个|张)?{chinese_name}了?\
        |(?:没有?|没拍|还没拍|没有拍|暂时没有?){chinese_name}|(?:是|就是|给你|给您|看|看看|看下|看一下|见|如)(?:上面的?|这张|这个)?(?:附件|{chinese_name}))(?:了|哈|啊|哦|呢|的)*$"
    );
    let english = format!(
        r"^(?:(?:ok|okay|hi|hello|so|and|yes|sorry|please|pls|well|there)\s+)*(?:(?:here(?:'s| is| are)|this is|these are|that is|see|look at|check|sending|attached(?: is)?|i(?:'ve| have)? (?:sent|attached|took|uploaded)|i attach|i sent)(?:\s+(?:you|the|my|a|an|some|it|attached|this|them|in))*\s+|(?:i|we)\s+(?:have no|have not got|haven't got|don't have|do not have|dont have|can't send|cannot send|did not take|didn't take)(?:\s+(?:a|any|the))*\s+|no\s+){latin_name}(?:\s+(?:here|attached|below|above|please|now|yet|sorry|of it|for you|thanks))*$|^(?:(?:the|my|and)\s+)*{latin_name}\s+(?:is |are )?(?:attached|below|above|sent)$"
    );
    let elsewhere = format!(
        "^(?:こちら|これ|が|は|を|の|です|、| )*(?:写真|画像|動画)(?:を|は|が|も)?(?:送りました|送ります|添付しました|あります|ありません|ないです)(?:ので|。|ね)*$\
        |^(?:제가?|여기|이게|그|\\s)*(?:사진|영상)(?:을|은|이|도)?\\s*(?:보냈어요|보냅니다|보낼게요|첨부했어요|첨부합니다|있어요|없어요|없습니다)$\
        |^(?:ส่ง|แนบ|นี่|ไม่มี)?(?:รูป|วิดีโอ)(?:ภาพ|ถ่าย|ให้|แล้ว|มา|นะ|คะ|ค่ะ|ครับ|\\s)*$\
        |^(?:{begins} )*(?:{sends} )?(?:{names})(?: {ends})*$",
        names = NAMES_ELSEWHERE.join("|"),
        begins = "(?:minh|em|toi|shop|day la|ini|sudah|saya|ya|aqui|te|le|he|adjunto|esta)",
        sends = "(?:gui|da gui|gửi|đã gửi|co|khong co|kirim|kirimkan|lampirkan|tidak ada|envio|enviado|mando|no tengo|tengo)(?: (?:una?|la|el|cac|mot))?",
        ends = "(?:roi|nhe|a|ạ|rồi|nhé|nya|sudah|dikirim|saya kirim|terlampir|adjunta|enviada|ya)"
    );
    [regex(&chinese), regex(&english), regex(&fold_pattern(&elsewhere))]
});

/// A picture, and nothing but that there is one, or none, or will be: so say those who were asked for one.
static ANSWERS: LazyLock<Regex> = LazyLock::new(|| {
    let (chinese_name, latin_name) = (named(false), named(true));
    let pattern = format!(
        "{}(?:拍|{chinese_name}){}{latin_name}{}",
        concat!(
            r"^[\s\p{P}]*(?:",
            "(?:等|稍等|我|这就|马上|现在|先|去|来|刚|已经|都)*(?:拍|补拍|拍照|录)(?:一下|下|一张|几张|个)*(?:好|完)?(?:了|给你|给您|发你|发您|发过去|过去|[ ,]|发了)*",
            "|(?:刚|刚刚|已经|都|这就|马上|我|,| )*(?:发了|发了啊|发过去了|发给你了|发给您了|传了|传过去了)",
            "|(?:对不起|不好意思|抱歉|我|你|您|们|这边|这里|这是|是|就|也|还|已经|已|刚才|刚刚|刚|忘了|忘记|来不及|没有|没|无|不了|不到|有|发|传|上传|给|过去|过来|过",
            "|去|来|在|上面|下面|等下|等会|稍后|晚点|一会|再|拍|看|请|的|了|啊|哦|呢|好|送|しました|ます|です|を|が|は|も| )*",
        ),
        concat!(
            "(?:我|你|您|们|已经|已|刚才|刚刚|刚|也|还|没有|没|无|不了|不到|有|发|传|给|过去|过来|过|去|来|在|上面|下面|等下|等会|稍后|晚点|一会|再|拍|照|看|的|了|啊|哦|呢|好",
            "|送|付|添|しました|ました|ます|です|ありません|あります|ない|を|が|は|も|보냈어요|있어요|없어요|첨부했어요|을|은|이| )*",
            r"|(?:(?:sorry|yes|ok|no|i|i'm|we|have|haven't|had|do|don't|dont|did|didn't|not|any|a|an|the|here|is|are|there|it|its|it's|just|my|you|your|send|sent",
            r"|sending|will|i'll|can|can't|cant|cannot|take|took|see|attached|without|some|this|that|but|and)[\s,.]+)*",
        ),
        concat!(
            r"(?:[\s,.]+(?:attached|above|below|here|of|it|is|are|sent|was|were|now|soon|later|sorry|yet|to|you|i|can|send|have|the|them|for|available|taken|coming|at|moment))*",
            r")[\s\p{P}\p{S}]*$",
        ),
    );
    regex(&pattern)
});

/// Whether a folded clause is nothing but that a picture comes, or that there is none.
pub fn only_shows(clause: &str) -> bool {
    SHOWS.iter().any(|it| it.is_match(clause))
}

/// Whether a folded text is the answer of somebody who was asked for a picture.
pub fn answers_who_asked(folded: &str) -> bool {
    ANSWERS.is_match(folded) || only_shows(folded.trim_matches(|it: char| !it.is_alphanumeric()))
}

/// Whether a text is what platforms write in place of what they cannot show: [图片], "sent a photo". What is on it nobody knows.
pub fn stands_for_a_picture(folded: &str) -> bool {
    const SHOWN: [&str; 33] = [
        "图片",
        "照片",
        "相片",
        "图",
        "视频",
        "短视频",
        "小视频",
        "语音",
        "语音消息",
        "表情",
        "动画表情",
        "表情包",
        "文件",
        "位置",
        "名片",
        "聊天记录",
        "picture",
        "photo",
        "image",
        "pic",
        "video",
        "sticker",
        "voice",
        "voice message",
        "audio",
        "gif",
        "file",
        "location",
        "contact",
        "emoji",
        "attachment",
        "photo message",
        "video message",
    ];
    let shown = folded.trim_matches(|it: char| !it.is_alphanumeric());
    let shown = ["sent a ", "sent an ", "发了一张", "发来一张", "发送了一张", "sent you a "]
        .iter()
        .find_map(|lead| shown.strip_prefix(lead))
        .unwrap_or(shown);
    SHOWN.contains(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::fold;

    #[test]
    fn who_was_asked_for_a_picture_answers_with_words_about_it() {
        for said in [
            "没有照片",
            "照片没有",
            "没拍照",
            "[图片]",
            "图片发你了",
            "截图发你",
            "照片在上面",
            "拍不了照片",
            "等我拍一下",
            "拍好了 发了",
            "我去拍几张",
            "I have no photo",
            "no picture, sorry",
            "here is the picture",
            "[photo]",
            "photo attached",
            "I don't have any photos",
            "写真を送りました",
            "写真あります",
            "사진 보냈어요",
            "đã gửi ảnh rồi ạ",
            "foto sudah dikirim",
            "te envio foto",
            "ส่งรูปให้แล้วครับ",
        ] {
            assert!(answers_who_asked(&fold(said)), "{said}");
        }
        for said in [
            "图片和实物不符",
            "和照片上的不一样",
            "可以开发票",
            "发货了没有",
            "拍下了还没付款",
            "拍了三盒",
            "the picture on the cup is wrong",
            "it looks different from the photo",
            "where is my photo frame",
            "我拍下了还没付款",
            "写真と違う",
            "foto tidak sama",
        ] {
            assert!(!answers_who_asked(&fold(said)), "{said}");
        }
    }

    #[test]
    fn what_shows_a_picture_unasked_is_told_from_what_asks_for_one() {
        for said in ["图片发你了", "截图发你", "here is the photo", "photo attached", "no pictures", "写真を送りました"]
        {
            assert!(only_shows(&fold(said)), "{said}");
        }
        for said in ["图片发我", "有图片吗", "send me a picture", "发了", "拍好了", "图片模糊"] {
            assert!(!only_shows(&fold(said)), "{said}");
        }
    }
}
