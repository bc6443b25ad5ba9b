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
                for name in names.iter().filter(|it| *it != "products" && core.phrase.contains_key(*it)) {
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
