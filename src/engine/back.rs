//! When people are back, said as people say it.

use jiff::{ZonedDateTime, civil::Weekday};

/// `then` as seen from `now`, both by the store's clock: `明天 09:00`, `tomorrow at 09:00`. It stands in a sentence of the
/// language.
pub fn in_words(then: &ZonedDateTime, now: &ZonedDateTime, language: &str) -> String {
    let clock = clock(then);
    let days = now.date().until(then.date()).map_or(i32::MAX, |span| span.get_days());
    let date = then.date();
    let (month, day) = (date.month(), date.day());
    let weekday = date.weekday();
    let traditional = language.contains("-Hant");
    match (language.split('-').next().unwrap_or_default(), days) {
        ("zh", 0) => format!("今天 {clock}"),
        ("zh", 1) => format!("明天 {clock}"),
        ("zh", 2..=6) => {
            format!("{}{} {clock}", if traditional { "週" } else { "周" }, of(weekday, "一 二 三 四 五 六 日"))
        }
        ("zh", _) => format!("{month}月{day}日 {clock}"),
        ("ja", 0) => format!("本日 {clock}"),
        ("ja", 1) => format!("明日 {clock}"),
        ("ja", 2..=6) => format!("{}曜日 {clock}", of(weekday, "月 火 水 木 金 土 日")),
        ("ja", _) => format!("{month}月{day}日 {clock}"),
        ("ko", 0) => format!("오늘 {clock}"),
        ("ko", 1) => format!("내일 {clock}"),
        ("ko", 2..=6) => format!("{}요일 {clock}", of(weekday, "월 화 수 목 금 토 일")),
        ("ko", _) => format!("{month}월 {day}일 {clock}"),
        ("th", 0) => format!("วันนี้ {clock} น."),
        ("th", 1) => format!("พรุ่งนี้ {clock} น."),
        ("th", 2..=6) => format!("วัน{} {clock} น.", of(weekday, "จันทร์ อังคาร พุธ พฤหัสบดี ศุกร์ เสาร์ อาทิตย์")),
        ("th", _) => {
            let month = month_of(month, "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.");
            format!("วันที่ {day} {month} {clock} น.")
        }
        ("vi", 0) => format!("lúc {clock} hôm nay"),
        ("vi", 1) => format!("lúc {clock} ngày mai"),
        ("vi", 2..=6) => {
            format!(
                "lúc {clock} {}",
                of(weekday, "thứ-Hai thứ-Ba thứ-Tư thứ-Năm thứ-Sáu thứ-Bảy Chủ-nhật").replace('-', " ")
            )
        }
        ("vi", _) => format!("lúc {clock} ngày {day}/{month}"),
        ("id", 0) => format!("hari ini pukul {}", dotted(&clock)),
        ("id", 1) => format!("besok pukul {}", dotted(&clock)),
        ("id", 2..=6) => {
            format!("hari {} pukul {}", of(weekday, "Senin Selasa Rabu Kamis Jumat Sabtu Minggu"), dotted(&clock))
        }
        ("id", _) => {
            let names = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember";
            format!("tanggal {day} {} pukul {}", month_of(month, names), dotted(&clock))
        }
        ("es", 0) => format!("hoy {} {clock}", a_las(then)),
        ("es", 1) => format!("mañana {} {clock}", a_las(then)),
        ("es", 2..=6) => {
            let weekday = of(weekday, "lunes martes miércoles jueves viernes sábado domingo");
            format!("el {weekday} {} {clock}", a_las(then))
        }
        ("es", _) => {
            let names = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre";
            format!("el {day} de {} {} {clock}", month_of(month, names), a_las(then))
        }
        ("en", 0) => format!("today at {clock}"),
        ("en", 1) => format!("tomorrow at {clock}"),
        ("en", 2..=6) => {
            format!("on {} at {clock}", of(weekday, "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"))
        }
        ("en", _) => {
            let names = "January February March April May June July August September October November December";
            format!("on {day} {} at {clock}", month_of(month, names))
        }
        // A form that is read everywhere.
        _ => format!("{date} {clock}"),
    }
}

/// `09:00`.
pub fn clock(time: &ZonedDateTime) -> String {
    format!("{:02}:{:02}", time.time().hour(), time.time().minute())
}

fn dotted(clock: &str) -> String {
    clock.replace(':', ".")
}

/// One o'clock is singular.
fn a_las(time: &ZonedDateTime) -> &'static str {
    if time.time().hour() == 1 { "a la" } else { "a las" }
}

/// A day's name from seven, Monday first.
fn of(day: Weekday, names: &'static str) -> &'static str {
    let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
    names.split(' ').nth(index).unwrap_or_default()
}

fn month_of(month: i8, names: &'static str) -> &'static str {
    let index = usize::try_from(month - 1).unwrap_or(0);
    names.split(' ').nth(index).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_days_have_names_and_far_ones_dates_in_each_language() {
        let at = |text: &str| format!("2026-11-{text}[Asia/Shanghai]").parse::<ZonedDateTime>().unwrap();
        let now = at("24T02:30:00");
        let [today, tomorrow, saturday] = [at("24T09:00:00"), at("25T09:00:00"), at("28T15:30:00")];
        let far = "2027-01-03T01:00:00[Asia/Shanghai]".parse::<ZonedDateTime>().unwrap();
        for (language, expected) in [
            ("zh", ["今天 09:00", "明天 09:00", "周六 15:30", "1月3日 01:00"]),
            ("zh-Hant", ["今天 09:00", "明天 09:00", "週六 15:30", "1月3日 01:00"]),
            ("en", ["today at 09:00", "tomorrow at 09:00", "on Saturday at 15:30", "on 3 January at 01:00"]),
            ("ja", ["本日 09:00", "明日 09:00", "土曜日 15:30", "1月3日 01:00"]),
            ("ko", ["오늘 09:00", "내일 09:00", "토요일 15:30", "1월 3일 01:00"]),
            ("th", ["วันนี้ 09:00 น.", "พรุ่งนี้ 09:00 น.", "วันเสาร์ 15:30 น.", "วันที่ 3 ม.ค. 01:00 น."]),
            ("vi", ["lúc 09:00 hôm nay", "lúc 09:00 ngày mai", "lúc 15:30 thứ Bảy", "lúc 01:00 ngày 3/1"]),
            (
                "id",
                [
                    "hari ini pukul 09.00",
                    "besok pukul 09.00",
                    "hari Sabtu pukul 15.30",
                    "tanggal 3 Januari pukul 01.00",
                ],
            ),
            ("es", ["hoy a las 09:00", "mañana a las 09:00", "el sábado a las 15:30", "el 3 de enero a la 01:00"]),
            ("fr", ["2026-11-24 09:00", "2026-11-25 09:00", "2026-11-28 15:30", "2027-01-03 01:00"]),
        ] {
            let said = [&today, &tomorrow, &saturday, &far].map(|then| in_words(then, &now, language));
            assert_eq!(said, expected, "{language}");
        }
    }
}
