use super::*;

fn problems(settings: PlaybookSettings) -> Vec<String> {
    let problems = Playbook::compile(settings).err().unwrap_or_default();
    assert!(problems.iter().all(|it| it.hint.is_some()), "each says what to do: {problems:?}");
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_shipped_store_compiles() {
    compile(shipped());
}

#[test]
fn the_files_of_the_other_rooms_are_good_toml() {
    for text in [
        include_str!("../../../config/nightclerk.toml"),
        include_str!("../../../config/channels.toml"),
        include_str!("../../../config/plugins.toml"),
    ] {
        text.parse::<toml::Table>().unwrap();
    }
}

#[test]
fn the_shipped_phrases_change_nothing_and_their_example_is_good() {
    let text = include_str!("../../../config/phrases.toml");
    assert_eq!(toml::from_str::<PhrasesSettings>(text).unwrap(), PhrasesSettings::default());
    let example: String =
        text.lines().skip_while(|line| !line.starts_with("# [")).map(|line| format!("{}\n", &line[2..])).collect();
    let mut settings = shipped();
    settings.phrases = toml::from_str(&example).unwrap();
    assert!(!settings.phrases.phrase.is_empty());
    compile(settings);
}

#[test]
fn what_the_clerk_says_by_itself_can_be_taken_over_as_it_is_printed() {
    let mut settings = shipped();
    settings.phrases = toml::from_str(BUILT_IN_PHRASES).unwrap();
    compile(settings);
}

#[test]
fn a_store_without_any_file_has_a_clerk_that_answers() {
    let mut talk = Talk::with(PlaybookSettings::default(), DAY_MS);
    assert_eq!(texts(&talk.say("hello")).len(), 1);
    for said in ["where is my order", "便宜点", "转人工", "推荐", "what is the meaning of life?"] {
        assert!(!texts(&talk.say(said)).is_empty(), "{said}");
    }
    assert_eq!(talk.conversation.assigned, None, "there is nobody who would hear of it");
    assert!(talk.conversation.tickets.iter().any(|it| it.kind == "callback"));
}

#[test]
fn every_phrase_has_words_in_every_language_for_every_situation() {
    for now_ms in [DAY_MS, NIGHT_MS] {
        for language in ["zh", "zh-Hant", "zh-Hant-HK", "en", "ja", "ko", "th", "vi", "id", "es"] {
            for settings in [shipped(), PlaybookSettings::default()] {
                let mut talk = Talk::with(settings, now_ms);
                talk.conversation.language = Some(language.to_owned());
                talk.facts.orders = vec![order("A1", OrderStatus::Paid)];
                let event = Event {
                    channel: "webchat".to_owned(),
                    dedupe: String::new(),
                    address: Address::default(),
                    at_ms: 0,
                    kind: EventKind::Message(Message::default()),
                };
                let view = View {
                    conversation: &talk.conversation,
                    order: None,
                    lookups: &talk.facts,
                    recorded: &[],
                    may_wait: true,
                    now_ms,
                };
                let mut turn = Turn::new(&talk.playbook, &event, &view, &talk.plugins);
                let names: Vec<_> = talk.playbook.phrases.names().map(str::to_owned).collect();
                let core: PhrasesSettings = toml::from_str(include_str!("../builtin/phrases.toml")).unwrap();
                for name in names.iter().filter(|it| {
                    // What is said in staff rooms, no customer reads.
                    *it != "products" && core.phrase.contains_key(*it) && !it.starts_with("room-")
                }) {
                    let text = turn.phrase(name, &super::super::at_hand::AtHand::default());
                    let text = text.unwrap_or_else(|| panic!("{name}: {:?}", turn.decision.trace));
                    let broken = ["none", "undefined", "{", "\n\n", "  "].iter().any(|it| text.contains(it));
                    assert!(!broken, "{name}: {text}");
                    let own_words = !talk.playbook.catalogue.hot().is_empty() || name == "urgent-ticket";
                    let spoken = language.split('-').next();
                    let in_own_script = match spoken {
                        Some("en" | "es" | "vi" | "id") => !text.chars().any(super::super::text::is_han),
                        _ => crate::language::recognise(&text, None).map(|sign| sign.language) == spoken,
                    };
                    assert!(own_words || in_own_script, "{name} in {language}: {text}");
                }
            }
        }
    }
}

#[test]
fn all_mistakes_are_found_at_once_each_at_its_place() {
    let mut settings = shipped();
    settings.store = toml::from_str("[routing]\nperson = \"nobody\"\n[[team]]\nname = \"a\"\nchannel = \"x\"").unwrap();
    settings.hours = toml::from_str("timezone = \"Mars/Base\"").unwrap();
    settings.rules = toml::from_str(
        r#"
        [[rule]]
        id = "a"
        any = ["x", " "]
        patterns = ['(']
        phrase = "welcom"
        transfer = "b"
        [[rule]]
        id = "a"
        link = "shop.example"
        menu = [{ label = { en = "x" }, value = "rule:farewel" }]
        [[rule]]
        id = "idle"
        any = ["y"]
        "#,
    )
    .unwrap();
    settings.phrases =
        toml::from_str("[phrase.welcome]\nen = \"{% if %}\"\nzh = [\"{{ custmer }}\"]\n[phrase.wellcome]\nen = \"x\"")
            .unwrap();
    settings.catalogue = toml::from_str(
        r#"
        [[product]]
        sku = "1"
        name = "One"
        url = "ftp://x"
        substitutes = ["2"]
        [[promotion]]
        text = "x"
        from = "2026-13-01"
        "#,
    )
    .unwrap();
    settings.orders = toml::from_str("[payment-reminder]\nmax = 0").unwrap();
    insta::assert_snapshot!(problems(settings).join("\n"), @r"
store.toml: team[0].channel: there is a channel, but no chat
store.toml: routing.person: there is no team or person `nobody`
hours.toml: timezone: there is no time zone `Mars/Base`
orders.toml: payment-reminder.max: no reminder would ever be sent
phrases.toml: phrase.welcome.en: not a good template: unexpected end of block (line 1 of the text)
phrases.toml: phrase.welcome.zh[0]: nothing fills the placeholder `custmer` (line 1, column 4 of the text)
rules.toml: rule[1].id: a second rule has the id `a`
rules.toml: rule[0].any[1]: an empty keyword
rules.toml: rule[0].patterns[0]: not a regular expression: unclosed group
rules.toml: rule[0].transfer: there is no team or person `b` in store.toml
rules.toml: rule[0].phrase: there is no phrase `welcom`
rules.toml: rule[1].id: nothing makes the rule `a` fit
rules.toml: rule[1].link: `shop.example` is not a web address
rules.toml: rule[1].menu[0].value: there is no rule `farewel`
rules.toml: rule[2].id: the rule `idle` does nothing
phrases.toml: phrase.wellcome: no rule says the phrase `wellcome`, and the clerk does not know it
catalogue.toml: product[0].url: `ftp://x` is not a web address
catalogue.toml: product[0].substitutes[0]: there is no product `2`
catalogue.toml: promotion[0].from: `2026-13-01` is not a day of the calendar
");
}

#[test]
fn a_misspelt_key_is_refused() {
    assert!(toml::from_str::<RulesSettings>("[[rule]]\npriorty = 1").is_err());
    assert!(toml::from_str::<StoreSettings>("[limits]\nreply = 1").is_err());
    assert!(toml::from_str::<PhrasesSettings>("[phrase.welcome]\njp = \"x\"").is_err());
    assert!(toml::from_str::<CatalogueSettings>("[[product]]\nsku = \"1\"\nname = \"x\"\nprize = \"1\"").is_err());
}

/// What is taken and yet told, each with its place.
fn notes(file: &str, text: &str) -> Vec<String> {
    let mut settings = staffed();
    match file {
        "hours.toml" => settings.hours = toml::from_str(text).unwrap(),
        "orders.toml" => settings.orders = toml::from_str(text).unwrap(),
        _ => settings.rules = toml::from_str(text).unwrap(),
    }
    compile(settings).gaps().iter().map(ToString::to_string).collect()
}

#[test]
fn a_stretch_of_the_day_that_ends_as_it_begins_is_told_wherever_it_stands() {
    let whole = "it ends when it begins, so it is the whole day";
    let stretch = regex::Regex::new("[0-9:]{5}-[0-9:]{5}").unwrap();
    for (file, text, place) in [
        ("hours.toml", "[[holiday]]\ndate = \"2026-10-01\"\nhours = [\"10:00-10:00\"]", "holiday[0].hours[0]"),
        ("orders.toml", "[notices]\nallowed = \"08:00-08:00\"", "notices.allowed"),
        ("orders.toml", "[payment-reminder]\nallowed = \"09:00-09:00\"", "payment-reminder.allowed"),
        ("orders.toml", "[review-request]\nallowed = \"10:00-10:00\"", "review-request.allowed"),
        (
            "rules.toml",
            "[[rule]]\nid = \"a\"\nany = [\"x\"]\nwhen = { time = \"22:00-22:00\" }\ntext.en = \"y\"",
            "rule[0].when.time",
        ),
    ] {
        assert_eq!(notes(file, text), [format!("{file}: {place}: {whole}")], "{text}");
        for meant in ["00:00-24:00", "00:00-00:00", "22:00-06:00"] {
            let text = stretch.replace(text, meant);
            assert_eq!(notes(file, &text), [""; 0], "{text}");
        }
    }
    let shift = notes("hours.toml", "[[shift]]\nfrom = \"09:00\"\nuntil = \"09:00\"");
    assert_eq!(shift, ["hours.toml: shift[0].until: it ends when it begins, so it is worked for 24 hours"]);
}

#[test]
fn a_zone_that_is_not_what_it_seems_is_told() {
    let told = notes("hours.toml", "timezone = \"Etc/GMT-8\"");
    assert!(told[0].starts_with("hours.toml: timezone: the time zone `Etc/GMT-8` counts the other way"), "{told:?}");
}

#[test]
fn a_word_written_as_a_pattern_between_slashes_is_told_and_a_path_is_not() {
    for key in ["any", "all", "none"] {
        let rule = |word: &str| {
            let any = if key == "none" { "any = [\"x\"]\n" } else { "" };
            notes("rules.toml", &format!("[[rule]]\nid = \"a\"\n{any}{key} = [\"{word}\"]\ntext.en = \"y\""))
        };
        for word in ["/退款/i", "/refund/", "/x/i"] {
            let told = rule(word);
            assert!(told[0].starts_with(&format!("rules.toml: rule[0].{key}[0]: `{word}` fits only")), "{told:?}");
        }
        for word in ["/start", "shop.example/tea", "and/or", "/tea/green"] {
            assert_eq!(rule(word), [""; 0], "{word}");
        }
    }
}

#[test]
fn a_price_is_never_told_without_its_currency() {
    let sell = |price: &str, currency: Option<&str>| {
        let mut settings = staffed();
        settings.catalogue =
            toml::from_str(&format!("[[product]]\nsku = \"T9\"\nname = \"白毫银针\"\nprice = \"{price}\"")).unwrap();
        settings.orders.currency = currency.map(str::to_owned);
        Playbook::compile(settings)
    };
    for bare in ["88", "99.00", "1,299", "1 299.50"] {
        let problems = sell(bare, None).err().expect("nobody knows what it is in");
        let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(told.contains(&format!("the price `{bare}` has no currency")), "{told}");
        let playbook = sell(bare, Some("CNY")).unwrap_or_else(|_| panic!("{bare} is in the store's currency"));
        let product = playbook.catalogue.find("T9", 1)[0];
        assert_eq!(product.price.as_deref(), Some(format!("CNY {bare}").as_str()));
    }
    for priced in ["CNY 88", "¥88", "88元", "$5.00 / 100 g", "面议"] {
        assert!(sell(priced, None).is_ok(), "{priced}");
        let playbook = sell(priced, Some("CNY")).unwrap_or_else(|_| panic!("{priced}"));
        assert_eq!(playbook.catalogue.find("T9", 1)[0].price.as_deref(), Some(priced), "as it was written");
    }
}
