//! TypeScript: the types are taken out, and the lines stay where they are.

use serde_json::json;

use super::{answered, offer, shop};

fn said(source: &str) -> String {
    let shop = shop(&[("hello.ts", source)], json!({ "hello": { "grants": ["reply"] } }));
    let status = &shop.host.status()[0];
    match &status.reason {
        Some(why) => why.clone(),
        None => answered(&offer(&shop, "Hi")),
    }
}

#[test]
fn types_enums_and_parameter_properties_are_no_hindrance() {
    let source = r#"
        import type { Context, Message } from "./nightclerk";
        interface Settings { readonly text: string }
        enum Tone { Warm = 1, Brief }
        abstract class Base<T> { abstract say(): T }
        class Words extends Base<string> { constructor(private readonly tone: Tone, public name?: string) { super() }
            say(): string { return `${Tone[this.tone]} ${this.name!}` } }
        const pick = <T,>(list: readonly T[]): T => list[0]!;
        declare namespace Only { type Types = string }
        export const manifest = { version: "1.0.0", capabilities: ["reply"] as const } satisfies object;
        export function message(context: Context, message: Message): string | undefined {
            return pick([new Words(Tone.Brief, message.text as string).say()]);
        }"#;
    assert_eq!(said(source), "Brief Hi");
}

#[test]
fn what_cannot_be_stripped_is_refused_with_its_line() {
    let told = said("export const message = () => N.a;\nnamespace N { export const a = 'x' }");
    assert!(told.starts_with("hello.ts:2:1: SyntaxError: a namespace cannot be stripped"), "{told}");
    let told = said("\nexport const message = (: string) => 'x';");
    assert!(told.starts_with("hello.ts:2:"), "{told}");
}

#[test]
fn an_error_has_the_line_of_the_authors_own_source() {
    let source = "interface A {\n  b: string;\n}\nexport function message(context: A): string {\n  const a: A | undefined = undefined;\n  return (a as unknown as A).b;\n}";
    let told = said(source);
    assert!(told.contains("hello.ts:6: TypeError: cannot read property 'b' of undefined"), "{told}");
}
