use super::*;
use crate::engine::text::fold;

fn of(said: &str) -> Asked {
    asked(&fold(said))
}

#[test]
fn who_does_not_want_something_has_not_asked_for_it() {
    for said in [
        "我不要退款\n我不是来投诉的",
        "不要退款",
        "先不退款",
        "我不想退款了",
        "不用退款",
        "我不退货的，就是问下",
        "我不要退款，只是问问",
        "别取消订单",
        "先别取消",
        "千万别取消我的订单",
        "你们别取消我的订单",
        "订单别取消",
        "不取消了",
        "不用发票",
        "发票不用了",
        "不要发票，谢谢",
        "不换货",
        "不用换了",
        "地址不用改",
        "不用改地址了",
        "不用转人工",
        "不需要人工客服",
        "我没有投诉",
        "我不是来投诉的",
        "不用催了",
        "不用帮我查了",
        "不用退了 留着用吧",
        "不用退了 我留著",
        "forget the refund, I'll keep it",
        "no refund",
        "no refund please",
        "No refund needed, thank you",
        "don't refund",
        "please do not refund",
        "please don't cancel my order",
        "don't cancel my order",
        "Do not cancel!",
        "I don't want to return it",
        "i don't need an invoice",
        "I do not want a refund, just asking",
        "we don't want to cancel",
        "I'm not here to complain",
        "no need to refund me",
        "you don't have to refund it",
        "i don't want to talk to a human",
        "I did not ask for a refund",
        "no invoice needed",
        "no exchange please",
        "不 要退款",
        "唔好取消訂單",
        "キャンセルしないでください",
        "返金は不要です",
        "領収書はいりません",
        "주문 취소하지 마세요",
        "환불 필요 없어요",
        "อย่ายกเลิกคำสั่งซื้อ",
        "ไม่ต้องคืนเงินค่ะ",
        "đừng hủy đơn hàng của tôi",
        "không cần hoàn tiền",
        "jangan batalkan pesanan saya",
        "tidak perlu refund kak",
        "No cancelen mi pedido, por favor",
        "no quiero un reembolso",
    ] {
        assert_eq!(of(said), Asked::NothingWanted, "{said}");
    }
}

#[test]
fn what_is_asked_beside_a_refusal_is_heard() {
    for (said, left) in [
        ("我不是来投诉的 就想问问早上几点有人", "就想问问早上几点有人"),
        ("i'm not here to complain, where is my order", "where is my order"),
        ("i don't want a refund, just send it", "just send it"),
        ("别取消订单，什么时候发货", "什么时候发货"),
        ("我不要退货，要换货", "要换货"),
        ("i do not want to return it, it is broken", "it is broken"),
        ("没碎，就是漏了", "就是漏了"),
        ("it is not lost, it is broken", "it is broken"),
    ] {
        match of(said) {
            Asked::Rest(rest) => assert_eq!(rest.trim(), left, "{said}"),
            other => panic!("{said}: {other:?}"),
        }
    }
}

#[test]
fn that_all_is_well_asks_for_nothing() {
    for said in [
        "东西没坏",
        "没坏",
        "快递没丢，找到了",
        "没有发错货，是我看错了",
        "没发错，不好意思",
        "退款到了",
        "退款已经到账了，谢谢",
        "不用催了，到了",
        "货到了",
        "没事了 快递刚送来",
        "找着了",
        "收到了谢谢",
        "没事了，已经收到",
        "不是假货，我搞错了",
        "it's not broken",
        "It is not late, thank you",
        "not late thank you",
        "it has arrived",
        "It has arrived, no worries",
        "it has arrived no worries",
        "my parcel is not lost I found it",
        "my order arrived today",
        "already received my refund thanks",
        "I got it, thanks!",
        "found it",
        "panic over, found it",
        "all good now, it turned up",
        "nothing is broken",
        "everything arrived fine",
        "the cup is ok",
        "杯子完好",
        "东西都完好无损，谢谢",
        "并没有少",
        "this is not a complaint",
        "图片发你了",
        "没有照片",
        "这是照片",
        "here is the picture",
        "I have no photo",
        "see photo",
        "I sent you a photo, thanks",
    ] {
        assert_eq!(of(said), Asked::AllIsWell, "{said}");
    }
}

#[test]
fn who_waits_for_help_is_left_to_be_understood() {
    for said in [
        "你们不想退款",
        "怎么还不退款",
        "不退款就投诉",
        "要不要退款",
        "再不退款我就投诉",
        "为什么不给退款",
        "为什么取消我的订单",
        "取消订单",
        "这单不要了",
        "订单不要了",
        "我不要了",
        "退款还没到",
        "退款没收到",
        "没收到货",
        "你们不退款",
        "就不退款是吧",
        "不发货",
        "货到了，碎了",
        "刚收到 碎了",
        "刚送来就发现裂了",
        "查不到物流",
        "收到了，不想要了",
        "到了吗",
        "快递到了没",
        "显示签收了",
        "没坏吧？",
        "不错，再来一箱",
        "you don't want to refund",
        "why no refund",
        "no refund yet",
        "don't forget my refund",
        "did you forget my refund",
        "still no refund",
        "i want a refund not an exchange",
        "不要换货要退款",
        "you did not refund me",
        "they don't refund",
        "i didn't cancel my order",
        "why did you not cancel",
        "cancel my order",
        "i did not receive it",
        "it did not arrive",
        "it came broken",
        "i got the wrong one",
        "got it but it is broken",
        "i received it damaged",
        "not happy",
        "is it not broken?",
        "it says delivered",
        "图片和实物不符",
        "跟照片不一样",
        "照片发了三天了没人理",
        "the photo is not what I got",
        "it looks different from the picture",
        "do you have a photo?",
        "キャンセルしたいです",
        "返金してください",
        "返金されない",
        "취소해 주세요",
        "환불이 안 돼요",
        "ยกเลิกคำสั่งซื้อ",
        "ไม่คืนเงิน",
        "hủy đơn hàng",
        "không hoàn tiền cho tôi",
        "batalkan pesanan",
        "tidak dikembalikan",
        "quiero cancelar mi pedido",
        "no me devuelven el dinero",
        "everything arrived broken",
        "the cup is not ok",
        "thanks",
        "谢谢",
        "你好",
    ] {
        assert!(matches!(of(said), Asked::All), "{said}: {:?}", of(said));
    }
}

#[test]
fn who_takes_back_a_trouble_and_says_where_the_parcel_was_waits_for_no_help() {
    for said in [
        "刚才冤枉你们了，快递在门卫那",
        "不好意思误会了 原来放在物业",
        "scratch that, it was behind the shed",
        "false alarm, it was with my neighbour",
    ] {
        assert_eq!(of(said), Asked::AllIsWell, "{said}");
    }
    // What a courier says of it, and what is corrected, still asks.
    for said in [
        "快递在门卫那",
        "scratch that, i want two boxes",
        "it was behind the shed and soaked",
        "false alarm, it is still broken",
    ] {
        assert_eq!(of(said), Asked::All, "{said}");
    }
}
