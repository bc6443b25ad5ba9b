//! The clauses that ask for nothing, as their grammar has them: each is read from its beginning to its end.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::{
    intents::pictures,
    text::{fold_pattern, regex},
    word_list::WordList,
};

/// How a clause may begin, and end, that changes nothing. Folded, as all here.
const CHINESE_LEAD: &str = "(?:请|麻烦|拜托|先|就|那|嗯|哦|噢|好的?|算了|我们?|俺|本人|你们?|您|亲|千万|暂时|目前|现在|这次|还是|帮我|其实|真的|又|可|但是?|所以|不过|对了|等等|等一下|不好意思|抱歉)*";
const CHINESE_TAIL: &str = "(?:了|的|哈|啊|哦|呀|呢|哟|嘛|噢|喔|啦|喇|嘞|咗|先|谢谢|感谢|多谢|辛苦了| )*$";
/// 不用, 别, 不想: what the customer does not want, or wants the store not to do.
const CHINESE_NO: &str = "(?:不用|不要|不需要|不想要?|无需|无须|勿|甭|别|不打算|不准备|没必要|不必|没想要?|没打算|没有?(?:要|想|说要?)|并不?(?:想|要)|并没有?(?:要|想)|没让你们?|(?:不|并不|真不)是(?:来|要|想|说)?(?:要|想)?|(?:先|暂|暂时|还是|我)不|唔好|唔使|唔需要|唔想要?|唔要)";
const CHINESE_MEANS: &str = "(?:再|急着|着急|麻烦|给|帮|替|我|你们?|您|来|去|办理?|申请|做|开具?|开|处理|转接?|转|找|打|要|想|了|联系|提供|附|放|寄|说|跟|和|到|动|真的?)*";
const CHINESE_UNWANTED: &str = "(?:退款|退钱|退货退款|退货|退换货?|换货|换一个|取消|发票|票据?|改地址|修改地址|改|人工|人工客服|真人客服|真人|客服|投诉|差评|举报|催单|催发货|催|补发|重发|补寄|重寄|再寄|补货|补偿|赔偿|退差价|补差价|赔|退|换|查询|查物流|查单|查件|查)";
const CHINESE_THINGS: &str =
    "(?:这个|那个|这|那|的|我的|我|订单|单子?|货|件|商品|东西|地址|客服|服务|快递|包裹|款|你们|您)*";

const ENGLISH_LEAD: &str = r"(?:(?:please|pls|plz|no|nope|ok|okay|so|just|actually|but|and|then|also|oh|hi|hello|hey|wait|sorry|thanks|again|kindly|now|well|for now|thank you|all good|never mind|nvm)\s+)*";
const ENGLISH_TAIL: &str = r"(?:\s+(?:my|the|this|that|these|those|it|them|me|us|any|an|a|one|order|orders|refund|address|invoice|receipt|item|items|goods|money|parcel|package|delivery|human|person|agent|someone|yet|for|now|anymore|any ?more|after all|anyways?|either|request|requests|please|pls|plz|thanks|thank|thx|you|though|then|at|all|just|real|or|anything|anyone|anybody|to|with|back|something|needed|necessary|required|wanted|here|sorry|ok|okay))*$";
const ENGLISH_UNWANTED: &str = r"(?:cancel(?:led|ed|ling|ing|lation|ation)?|refund(?:s|ed|ing)?|return(?:s|ed|ing)?|exchange[sd]?|exchanging|replacement|replace|invoices?|receipts?|change(?:s|d)?|complain(?:ing|t|ts)?|human|person|agent|argue|arguing|bad review|dispute|chargeback|resend|reship|new ones?|another one|money back|compensation|reimburse(?:d|ment)?|send(?:ing)? (?:it|them|this) back)";
const ENGLISH_MEANS: &str = r"(?:\s+(?:a|an|any|the|my|our|another|to|you|it|get|have|make|be|for|do|ask|request|speak|talk|with|file|issue|send|leave|open|get|your|really|want|need|require|me|mean|wish|like|real))*";

/// What somebody may want none of, read from end to end.
pub(super) static REFUSAL: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let chinese = [
        format!("^{CHINESE_LEAD}{CHINESE_NO}{CHINESE_MEANS}{CHINESE_UNWANTED}{CHINESE_THINGS}{CHINESE_TAIL}"),
        format!(
            "^{CHINESE_LEAD}不(?:(?:退|投诉|转)(?:款|货|钱|人工)?了|(?:取消|改|换|催)(?:订单|地址|货|单)?){CHINESE_TAIL}"
        ),
        format!(
            "^{CHINESE_LEAD}(?:并|从|从来)?没有?(?:给|打|写|来|去|在|过|要)*(?:投诉|差评|举报)(?:过|你们|您)*{CHINESE_TAIL}"
        ),
        // What it is of comes first: 发票不用了, 地址不用改, 订单别取消.
        format!(
            "^{CHINESE_LEAD}(?:发票|人工|客服|投诉|退款|退货|换货|补发|赔偿)(?:就|也|先|暂时|现在)?(?:不用|不需要|不必|无需){CHINESE_MEANS}{CHINESE_TAIL}"
        ),
        format!("^{CHINESE_LEAD}(?:发票|人工)(?:就|也|先|暂时|现在)?不要{CHINESE_TAIL}"),
        format!(
            "^(?:等等|等一下|等下|慢着|稍等|不不|诶|哎|算了|先|你们?|请|,| )*(?:别(?:动|弄|处理|办|急|操作)?|(?:不要|不用)(?:动|弄|处理|办|操作)){CHINESE_TAIL}"
        ),
        format!(
            "^{CHINESE_LEAD}(?:我的|这个)?(?:地址|订单|单子?|货|东西)(?:就|也|先|暂时|现在|千万|请|还是)*(?:别|勿|不用|不要|不需要|不必|先不|不)(?:再|给我|帮我|要|去)*(?:改|取消|退|换|动){CHINESE_TAIL}"
        ),
    ];
    let english = [
        format!(
            r"^{ENGLISH_LEAD}(?:do not|don't|dont|no need to|no need for|not necessary to|(?:you|u) (?:do not|don't|dont) (?:have|need) to|there(?:'s| is) no need (?:to|for)|(?:do not|don't|dont) bother(?: with| about)?){ENGLISH_MEANS}\s+{ENGLISH_UNWANTED}{ENGLISH_TAIL}"
        ),
        format!(
            r"^{ENGLISH_LEAD}(?:i|we)(?:'m|'re| am| are|m)?\s+(?:do not|don't|dont|did not|didn't|didnt|won't|wont|will not|would not|wouldn't|no longer|not|never)\s+(?:really\s+)?(?:want|wants|need|wish|like|ask|asked|asking|mean|meant|require|plan|planning|here|looking|going|trying|wanting){ENGLISH_MEANS}\s+{ENGLISH_UNWANTED}{ENGLISH_TAIL}"
        ),
        format!(
            r"^{ENGLISH_LEAD}(?:i|we)\s+(?:won't|wont|will not|would not|wouldn't)\s+{ENGLISH_UNWANTED}{ENGLISH_TAIL}"
        ),
        format!(
            r"^{ENGLISH_LEAD}not\s+(?:really\s+)?(?:asking|looking|here)(?: (?:for|to|you))*{ENGLISH_MEANS}\s+{ENGLISH_UNWANTED}{ENGLISH_TAIL}"
        ),
        // What was asked for before, and is no more.
        format!(
            r"^{ENGLISH_LEAD}(?:forget|skip|scrap|drop|call off|withdraw|(?:(?:i|we)(?:'ve| have)? )?changed (?:my|our) minds? about)(?: about)?(?: (?:the|my|that|a))* {ENGLISH_UNWANTED}{ENGLISH_TAIL}"
        ),
        format!(
            r"^{ENGLISH_LEAD}(?:keep|leave)(?: (?:it|that|them|this|everything|(?:the|my|our)(?: \w+){{1,2}}))? (?:as it is|as is|as it was|how it was|how it is|the way it was|the way it is|as before|like before|as they are|as they were|the same|unchanged|alone|as planned|as ordered|as originally ordered){ENGLISH_TAIL}"
        ),
        // "No wait, don't": what was asked for just now.
        r"^(?:(?:no|wait|hold on|oh|stop|sorry|please|pls|actually|ok|but|just)\s+)*(?:do not|don't|dont)(?:\s+(?:do|cancel|change|touch|process|it|that|this|anything|yet|please|pls|now|for now))*$"
            .to_owned(),
        format!(
            r"^{ENGLISH_LEAD}no\s+{ENGLISH_UNWANTED}(?:\s+(?:please|pls|plz|needed|necessary|required|wanted|thanks|thank|you|for|me|now|at|all))*$"
        ),
    ];
    let others = REFUSED_ELSEWHERE.map(fold_pattern);
    chinese.iter().chain(&english).chain(&others).map(|it| regex(it)).collect()
});

/// The same in Japanese, Korean, Thai, Vietnamese, Indonesian and Spanish.
const REFUSED_ELSEWHERE: [&str; 6] = [
    "^(?:すみません|あの|やっぱり|まだ|注文|の|は|を|まま)*(?:キャンセル|返金|返品|交換|領収書|請求書|変更|住所の?変更|苦情|クレーム)(?:は|を|も)?(?:しないで|しなくて(?:も?いい|も?大丈夫|も?結構)|不要|必要ない|必要ありません|いりません|いらない|要りません|結構|したくない|したくありません|希望しません|ではありません|じゃない)(?:です|ください|下さい|よ|ね)*$",
    r"^(?:제|저는?|그냥|아직|주문을?|을|를|은|는|\s)*(?:취소|환불|반품|교환|영수증|주소 ?변경|변경)(?:은|는|을|를|이|가|도)?\s*(?:하지\s*(?:마세요|말아\s*주세요|마|마시고|않을게요|않아도)|필요\s*없(?:어요|습니다|음)|안\s*(?:해도|할게요)|원하지\s*않(?:아요|습니다))(?:\s*(?:돼요|됩니다|괜찮아요|요))*$",
    r"^(?:กรุณา|โปรด|ได้โปรด|ผม|ฉัน|เรา|\s)*(?:อย่า|ไม่ต้องการ|ไม่ต้อง|ไม่อยาก|ไม่เอา)(?:เพิ่ง|ให้|จะ|ทำ|ขอ)*(?:ยกเลิก|คืนเงิน|คืนสินค้า|คืน|เปลี่ยนที่อยู่|เปลี่ยน|ใบกำกับภาษี|ใบเสร็จ|ร้องเรียน)(?:คำสั่งซื้อ|ออเดอร์|สินค้า|เงิน|ของ|ฉัน|ผม|นะ|คะ|ค่ะ|ครับ|แล้ว|\s)*$",
    r"^(?:xin|làm ơn|vui lòng|tôi|mình|em|anh|chị|shop|ơi|\s)*(?:đừng|không cần|không muốn|chưa muốn|khỏi)\s+(?:phải\s+)?(?:hủy|huỷ|hoàn tiền|trả hàng|đổi hàng|đổi địa chỉ|đổi|xuất hóa đơn|hóa đơn|khiếu nại)(?:\s+(?:đơn|hàng|của|tôi|mình|em|nhé|nha|ạ|nữa|cho|lại|địa chỉ))*$",
    r"^(?:tolong|mohon|saya|aku|kak|min|ya|\s)*(?:jangan|tidak perlu|gak perlu|ga perlu|nggak perlu|tidak mau|gak mau|ga mau|ga usah|gak usah|tidak usah|tidak ingin)\s+(?:di)?(?:batalkan|batal|membatalkan|refund|kembalikan|retur|return|tukar|menukar|faktur|invoice|ubah alamat|ganti alamat|komplain)(?:\s+(?:pesanan|order|orderan|barang|dana|uang|saya|aku|ya|kak|min|dong|dulu|terima kasih|makasih))*$",
    r"^(?:por favor|hola|yo|\s)*no\s+(?:(?:me|lo|la|un|una|el|quiero|necesito|deseo|hace falta|es necesario|voy a|quisiera)\s+)*(?:cancel(?:es|e|en|ar|arlo|ación)|reembols(?:o|en|ar|es|e)|devol(?:ver|verlo|ución)|devuelvan?|cambi(?:ar|es|e|en)|factura|recibo|reclamación|queja)(?:\s+(?:mi|el|la|un|una|lo|del|de|pedido|dinero|dirección|artículo|compra|por favor|gracias))*$",
];

/// 东西没坏, "it is not late": trouble that there is not.
pub(super) static NO_TROUBLE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let chinese = "^(?:我们?|东西|货物?|商品|产品|杯子?|茶叶?|快递|包裹|它们?|都|也|并|其实|好像|应该|看了|检查了|检查过|这个|这次|到手|收到|打开|里面|全部|目前|哦|啊|嗯|还好|幸好|原来|那个|订单|退款|的)*(?:没有?|未|并没有?|不是|并不是|不算)(?:有|被|发|发现|什么|任何|是|出现)*(?:坏|碎|破|裂|漏|丢|弄丢|少|错|发错|寄错|丢件|破损|损坏|质量问题|压坏|摔坏|碰坏|少发|漏发|少件|缺件|迟到|晚|延误|耽误|假货|假的|瑕疵)(?:掉|的|了|货|件|东西|哈|啊|哦|呀|嘛|啦|谢谢)*$";
    let english = r"^(?:(?:no|oh|ok|okay|hi|so|well|actually|wait|sorry|but|and|it|its|it's|this|that|they|my|the|everything|parcel|package|order|item|items|delivery|shipment|cup|cups|one|goods|is|are|was|were|has|have|been|be|really|also|just|all|good news|i'm|im|glad|luckily|thankfully)\s+)*(?:not|isn't|isnt|wasn't|wasnt|aren't|weren't|nothing|hasn't been|haven't been|did not|didn't|does not|doesn't)\s+(?:(?:is|was|been|be|a|any|at|all|really|actually|arrive|come|get|look|seem|to|that|even)\s+)*(?:broken|damaged|lost|late|delayed|wrong|fake|cracked|defective|faulty|stolen|damage|missing|broke|complaint|complaining|scam)(?:\s+(?:at|all|anymore|any more|thanks|thank|you|though|after|now|here|item|parcel|package|order|or|broken|damaged|lost|late|i|just|found|it|sorry|my|mistake))*$";
    let sound_chinese = "^(?:我们?|东西|货物?|商品|产品|杯子?|茶叶?|快递|包裹|它们?|收到的?|打开|到手|都|也|全部?|已经?|是|还是|看了|检查了)+(?:完好|完好无损|好好的|没问题|没事|完整|完整无缺)(?:的|了|哈|啊|哦|呀|呢|谢谢)*$";
    let sound_english = r"^(?:(?:hi|hello|ok|okay|oh|so|actually|but|and|sorry|luckily|thankfully)\s+)*(?:everything|all|it|they|all of it|all of them|(?:the|my|both|all)\s+\w+)(?:'s)?(?:\s+(?:has|have|is|are|was|were|came|come|arrived|looks?|all|just|now|here))+\s+(?:fine|ok|okay|intact|undamaged|safe|safely|sound|in one piece|in good condition|in perfect condition)(?:\s+(?:now|thanks|thank|you|after|all|today|here|and|sound|safe))*$";
    vec![regex(chinese), regex(english), regex(sound_chinese), regex(sound_english)]
});

/// How news begins, and what may be said of how something came, and when, that is no trouble.
const NEWS_LEAD: &str = r"(?:(?:hi|hello|hey|ok|okay|oh|so|actually|sorry|good news|update|never mind|nvm|yes|yay|and|well|guess what):?\s+)*";
const CAME_WELL: &str = r"(?:\s+(?:now|today|yesterday|already|safely|just|all|thanks|thank|you|no worries|in my account|this|morning|afternoon|evening|last night|tonight|an hour ago|an?|few|minutes?|hours?|days?|weeks?|ago|fine|ok|okay|well|intact|perfectly|perfect|on time|earl(?:y|ier)|than expected|at last|in|good|great|one piece|condition|shape|order|the end|the post|the mail|finally|safe|and|sound|undamaged|with no (?:problem|issue)s?|without (?:any )?(?:problem|issue)s?|after all))*$";

/// 退款到了, "it has arrived": what was waited for.
pub(super) static HAS_COME: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let chinese = format!(
        "^{CHINESE_LEAD}(?:快递|包裹|货物?|东西|退款|钱|款|订单|都|也|已经?|刚刚?|终于|今天|昨天|现在|它|找|的|好像|我们?|件)*(?:(?:收到|到|找到|找着|找见|拿到|取到|到账|到货|送到|送来|送过来|取回来)(?:货|款)?(?:了|啦|咯|喇|咗|嘞)|已经?(?:收到|到账|到货)|刚刚?才?(?:收到|送到|送来|送过来|拿到)){CHINESE_TAIL}"
    );
    let taken_in = "^(?:哦|噢|啊|哎|原来|刚才|刚刚|昨天|今天|是|我|我们|家里|快递|包裹|被| )*(?:家里人|家人|老公|老婆|媳妇|妈妈?|爸爸?|爷爷|奶奶|公公|婆婆|室友|爱人|先生|太太|儿子|女儿|闺女)(?:已经|都|帮我|帮忙|替我|给我?)*(?:拿|取|收|签收|代收|领)(?:走|回来|回家|到家|到|好|起来)?了(?:的|哈|啊|哦|呀)*$";
    let english = [
        r"^(?:(?:oh|ok|okay|so|sorry|actually|turns out|turned out|update|nvm|never mind|hi|hey):?\s+)*(?:my|our)\s+(?:wife|husband|mom|mum|mother|dad|father|son|daughter|roommate|flatmate|partner|boyfriend|girlfriend|brother|sister|family|neighbou?r)\s+(?:just\s+|already\s+|actually\s+|has\s+|had\s+)*(?:has|had|got|picked|signed for|found|brought|grabbed)\s+(?:it|them|the\s+\w+|my\s+\w+)(?:\s+(?:up|in|already|all along|inside|for me|sorry|yesterday|today))*$".to_owned(),
        r"^(?:(?:oh|ok|okay|sorry|actually|so|please)\s+)*(?:scratch that|false alarm|(?:disregard|ignore)(?: (?:that|this|it|the above|my (?:last|previous|earlier)(?: (?:message|question|email|text|one))?|my message|my question|what i (?:said|wrote)))?|forget i said anything)(?:\s+(?:sorry|guys|please|thanks|it's here))*$".to_owned(),
        format!(
            r"^{NEWS_LEAD}(?:(?:it|they|everything|(?:(?:my|the|our|both|all)\s+)?(?:order|parcel|package|item|items|refund|money|delivery|stuff|things|courier|driver)|(?:my|the|our)\s+\w+)(?:'s)?(?:\s+(?:has|have|had|is|just|already|finally|now|all))*\s+)?(?:arrived|come|came|here|turned up|showed up|got here|delivered){CAME_WELL}"
        ),
        format!(
            r"^{NEWS_LEAD}(?:it|they|(?:(?:my|the|our)\s+)?(?:refund|money|credit))(?:'s)?(?:\s+(?:has|have|had|is|just|already|finally|now|been))*\s+(?:found|in|landed|cleared|credited|(?:gone|went|come|came) (?:through|in)){CAME_WELL}"
        ),
        format!(r"^{NEWS_LEAD}(?:(?:i|we)(?:'ve| have)? )?(?:just |finally |already )*found the (?:missing|lost|other)(?: \w+)?(?: (?:now|thanks|sorry|after all|all along))*(?: (?:in|under|at|on|inside|behind|of|the|my|our|its|same|other|inner|outer|box|bag|packaging|package|parcel|paper|wrapping|bottom|back|side|corner|flap|lid|drawer|sleeve|pocket|garage|porch|shed|hall|hallway|car|kitchen))*$"),
        // What did not work does, or somebody has found out how.
        format!(
            r"^{NEWS_LEAD}(?:(?:it|that|they|everything|all|(?:the|my|our) \w+)(?:'s| is| are| has| have)? )?(?:just |now |finally |all |already |been |back )*(?:works|working|sorted|solved|resolved|fixed|up and running)(?: (?:now|again|fine|ok|okay|great|perfectly|well|too|today|for me|myself|thanks|thank|you|properly|itself|out|in the end|after all|like a charm|as it should))*$"
        ),
        format!(
            r"^{NEWS_LEAD}(?:(?:i|we)(?:'ve| have)? )?(?:just |finally |already |actually )*(?:(?:figured|worked|sorted|found) (?:it|that|this) out|(?:sorted|solved|fixed) (?:it|that|this)|(?:got|managed to get) (?:it|that|this|them) (?:working|to work|going|sorted))(?: (?:now|again|myself|ourselves|in the end|after all|thanks|thank|you|by myself|on my own))*$"
        ),
        r"^(?:(?:hi|hello|hey|ok|okay|oh|so|actually|sorry|good news|update|never mind|nvm)\s+)*(?:(?:i|we)(?:'ve| have)?\s+)?(?:(?:just|already|finally)\s+)*(?:got|received|found|have)\s+(?:it|them|everything|(?:my|the|our)\s+(?:order|parcel|package|item|items|refund|money|delivery))(?:\s+(?:now|already|today|yesterday|thanks|thank|you|back|all|safely|no|worries))*$".to_owned(),
    ];
    // Whoever was blamed is not to blame.
    let wronged = "^(?:哦|噢|啊|哎|不好意思|对不起|抱歉|刚才|刚刚|刚|之前|是|我|真是|算是|,| )*(?:冤枉|错怪|误会|怪错)(?:了|到)*(?:你们家?|您|快递员?|小哥|店家|老板|卖家|人家)?(?:了|的|哈|啊|哦|呀|啦)*$";
    // What did not work does.
    let works = format!(
        "^{CHINESE_LEAD}(?:问题|东西|它|那个|这个|现在|已经?|我|自己|都|刚才|刚刚|终于|又|事情|订单|地址)*(?:搞定|解决|弄好|修好|整好|能用|可以用|会用|能开机|能充电|恢复正常|正常)(?:了|啦|喇|咗|嘞){CHINESE_TAIL}"
    );
    let chinese = [&*chinese, taken_in, wronged, &works];
    chinese.into_iter().chain(english.iter().map(String::as_str)).map(regex).collect()
});

/// 是我看错了, 只是问问, "no worries": what is said beside these.
pub(super) static BESIDE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let chinese = "^(?:是|应该是|好像是|原来是|原来|啊|哦|对不起|那)*(?:我自己|我们?)(?:看|搞|弄|记|想|数|认)(?:错|漏|混|岔)了?(?:了|的|哈|啊|哦|呀|抱歉|不好意思)*$|^(?:我|就|只|是|只是|就是|随便|想|来)*(?:问问|问下|问一下|咨询|咨询一下|咨询下)(?:而已|的|了|哈)?$|^(?:哦+|噢+|啊+|哎+|唉|谢谢|感谢|多谢|没事了?|没关系|不好意思|抱歉|好的?|嗯+|放心吧?|辛苦了?|辛苦啦|挺好的?|很好|完好|完好无损|不用担心|不用管了|不用处理了|(?:我|就|自己|先|还是|那)*留着(?:用|吃|喝|穿|送人|玩)?(?:吧|算了|好了)?|虚惊一场|打扰了|误会|误会了|是误会|你好|您好|等等|等一下|等下|稍等|慢着|哎|对了|冇事|冇嘢)(?:了|哈|啊|哦|呀|啦|喇|您|你们|亲)*$|^(?:那|我|就|先|还是)*再等(?:等|一等|几天|两天|一下)(?:吧|好了|看|再说)*$|^(?:就|还|还是|按|照|用|寄|维持|保持)*(?:原来|原先|之前)(?:那个|的那个|的地址|的|那样)(?:就好|就行|就得|吧|不变|不动)*$|^照旧(?:就得|就行|就好|吧)?$|^(?:我|自己)+(?:随便|先|就|来|可以|能)*(?:(?:拿|用)[^,，。 ]{1,3})?(?:粘|修|补|缝|洗|擦|弄|焊|处理|整){1,2}(?:一下|一粘|几针|两针|下|返)*(?:就|也|还)*(?:行|好|可以|凑合用?|将就用?|能用|得)*(?:了|吧|喇)*$|^(?:是|原来|原来是)*我(?:自己)?没(?:有)?(?:插|装|按|看|拧|接|对|放|充|连|打开)(?:好|紧|对|电|清楚|仔细|稳)*(?:了|的|哈|啊)*$";
    let english = r"^(?:(?:i am|i'm|im|i|we|was|were|am)\s+)*(?:just|only)?\s*(?:asking|wondering|curious|checking|a question)$|^(?:(?:thanks?|thank you|thx|ty|cheers|no worries|no problem|all good|all fine|all well|all is well|sorry|my bad|my mistake|never mind|nevermind|nvm|so|ok|okay|great|good|perfect|but|and|please ignore|ignore that|ignore it|ignore this|sorted|it's fine|its fine|that's fine|hi|hello|hey|very|much|so much|a lot|for|your|help|anyway|again|wait|hold on|one moment|oh|stop|no|i misread|i was wrong|you|panic over|crisis over|now|(?:i'll|ill|i will|we'll|we will|i'm|im) (?:just )?keep(?:ing)? (?:it|them|this one|the \w+)|keep (?:it|them)|(?:i'll|ill|i will|we'll|we will) (?:just )?wait(?: for it)?|all sorted|all done|update|just letting you know|letting you know|just so you know|just a heads up|for next time|it's (?:only|just) a (?:small |tiny |little )?scratch|its (?:only|just) a (?:small |tiny |little )?scratch|(?:i|we)(?:'ll| will| can| could) (?:just |easily )*(?:glue|fix|sew|repair|clean|wash|mend|patch|tape|manage)(?: (?:it|them|that|this))?(?: (?:myself|ourselves|up|back|together|back on|on|at home))*)\s*)+$";
    let others = "^(?:por favor|muchas gracias|gracias|hola|terima kasih|makasih|ya|kak|min|xin chào|chào|cảm ơn|nhé|ạ|감사합니다|고마워요|고맙습니다|안녕하세요|ありがとうございます|ありがとう|すみません|お願いします|ขอบคุณ|สวัสดี|ครับ|ค่ะ|คะ|นะ| )+$";
    // Where it was all the time; by itself it may as well be what the courier says.
    let place = "^(?:原来|它|就|快递|包裹|东西|货|被|是|一直|在|放在?|搁在?|落在?| )*(?:在|放|搁|落)在?(?:我?家?的?)(?:(?:箱子?|盒子?|袋子?|包装|泡沫|填充物)(?:的?最?(?:底下?|夹层|里))?|门卫|物业|驿站|邻居|隔壁|楼下|前台|快递柜|丰巢|鞋柜|车库|传达室|保安|保安室|门口|阳台|信箱|消防栓|车里|公司|老家|超市)(?:那里|那儿|这里|这儿|那|家|室|处|里|里面|上|下面|部|后面|旁边|呢|了|啊|哈)*$";
    let place_in_english = r"^(?:(?:so|oh|turns out|apparently|and|but|actually)\s+)*(?:it|they|the \w+|my \w+)(?:'s| was| is| were| had been| has been|s)?(?: just| right| left| sitting| hidden| hiding| all along| there)* (?:behind|under|next to|beside|inside|in|at|on|with|by|round) (?:the|my|our|a|his|her|their)(?: \w+){1,2}(?: all along| all the time| the whole time)?$";
    vec![regex(chinese), regex(english), regex(place), regex(place_in_english), regex(&fold_pattern(others))]
});

/// One of these is in each of the clauses above, or a picture is named: most texts have neither, and are not looked at any
/// closer.
pub(super) static CUES: LazyLock<WordList> = LazyLock::new(|| {
    let cues = [
        "不",
        "没",
        "别",
        "勿",
        "无",
        "甭",
        "唔",
        "未",
        "到",
        "好",
        "完整",
        "not",
        "n't",
        "dont",
        "didnt",
        "wont",
        "isnt",
        "wasnt",
        "no ",
        "nothing",
        "never",
        "arrived",
        "came",
        "come",
        "here",
        "turned up",
        "scratch",
        "alarm",
        "disregard",
        "forget",
        "skip",
        "刚",
        "找着",
        "找见",
        "冤枉",
        "错怪",
        "怪错",
        "误会",
        "found",
        "got",
        "received",
        "have",
        " in",
        "拿",
        "取",
        "收",
        "领",
        "had",
        "has",
        "picked",
        "signed for",
        "fine",
        "ok",
        "intact",
        "undamaged",
        "safe",
        "sound",
        "one piece",
        "keep",
        "leave",
        "scrap",
        "call off",
        "withdraw",
        "ignore",
        "changed",
        "works",
        "working",
        "sorted",
        "solved",
        "resolved",
        "fixed",
        "figured",
        "delivered",
        "showed up",
        "landed",
        "cleared",
        "搞定",
        "解决",
        "能用",
        "可以用",
        "正常",
        "condition",
        "いで",
        "いらない",
        "要",
        "結構",
        "くない",
        "ません",
        "なくて",
        "지",
        "없",
        "안",
        "อย่า",
        "ไม่",
        "dung",
        "khong can",
        "khong muon",
        "khoi",
        "chua",
        "jangan",
        "perlu",
        "mau",
        "usah",
        "ingin",
    ];
    WordList::new(cues.iter().copied().chain(pictures::NAMES).chain(pictures::NAMES_ELSEWHERE).map(fold_pattern))
});
