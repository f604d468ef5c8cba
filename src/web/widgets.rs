//! Fields of forms and links in the spelling that Mailman's pages have.
//!
//! Programs read these pages with regular expressions: `INPUT` in capitals, the attributes `name`, `type`, `value` in
//! this order, one blank before `>`, `CHECKED` and `Selected`. Only here is HTML put together from pieces; each value
//! is escaped.

use crate::text::html::escape;
use maud::{Markup, PreEscaped, Render};

/// Text for a page. An entity that is in it already stays one, since browsers send as entities what a page's charset
/// lacks.
pub fn safe(text: &str) -> Markup {
    PreEscaped(String::from_utf8_lossy(&escape(text.as_bytes())).into_owned())
}

/// A value that must come back as it is, entities and all (`doubleescape`).
pub fn exact(text: &str) -> Markup {
    PreEscaped(text.render().into_string())
}

/// `<INPUT name="N" type="T" value="V" EXTRA >`; `extra` are attributes with values.
pub fn input(name: &str, kind: &str, value: &str, extra: &[(&str, &str)]) -> Markup {
    marked_input(name, kind, value, extra, false)
}

/// The same for what may be `CHECKED`.
pub fn marked_input(name: &str, kind: &str, value: &str, extra: &[(&str, &str)], is_on: bool) -> Markup {
    let mut html = format!("<INPUT name=\"{}\" type=\"{kind}\" value=\"{}\" ", safe(name).0, safe(value).0);
    for (key, value) in extra {
        html.push_str(&format!("{key}=\"{}\" ", safe(value).0));
    }
    html.push_str(if is_on { "CHECKED >" } else { ">" });
    PreEscaped(html)
}

/// A line to type in, `size` characters wide.
pub fn text_box(name: &str, value: &str, size: u32) -> Markup {
    input(name, "TEXT", value, &[("size", &size.to_string())])
}

/// A line for a password; it never comes with one.
pub fn password_box(name: &str, size: u32) -> Markup {
    input(name, "PASSWORD", "", &[("size", &size.to_string()), ("autocomplete", "off")])
}

/// A field that nobody sees.
pub fn hidden(name: &str, value: &str) -> Markup {
    input(name, "HIDDEN", value, &[])
}

/// A button that sends the form.
pub fn submit(name: &str, label: &str) -> Markup {
    input(name, "SUBMIT", label, &[])
}

/// One of several choices.
pub fn radio(name: &str, value: &str, is_on: bool) -> Markup {
    marked_input(name, "RADIO", value, &[], is_on)
}

/// A box to tick.
pub fn checkbox(name: &str, value: &str, is_on: bool) -> Markup {
    marked_input(name, "CHECKBOX", value, &[], is_on)
}

/// A file to send.
pub fn upload(name: &str) -> Markup {
    input(name, "FILE", "", &[])
}

/// Lines to type in.
pub fn text_area(name: &str, text: &str, rows: u32, columns: u32) -> Markup {
    area(name, text, &exact(text), rows, columns, "")
}

/// Lines to type in, in which entities become characters, as older versions show them.
pub fn resolved_text_area(name: &str, text: &str, rows: u32, columns: u32) -> Markup {
    area(name, text, &safe(text), rows, columns, "")
}

/// The same to look at only.
pub fn read_only_area(name: &str, text: &str, rows: u32, columns: u32) -> Markup {
    area(name, text, &exact(text), rows, columns, " READONLY")
}

/// The same for a text whose entities are those of the text that is shown, as in a message. A line end that it begins
/// with is lost, as on Mailman's pages.
pub fn shown_area(name: &str, text: &str, rows: u32, columns: u32) -> Markup {
    let (name, text) = (safe(name).0, safe(text).0);
    PreEscaped(format!("<TEXTAREA NAME=\"{name}\" ROWS={rows} COLS={columns} WRAP=soft READONLY>{text}</TEXTAREA>"))
}

/// A line end behind the tag is the page's, so one that the text begins with needs another before it.
fn area(name: &str, text: &str, escaped: &Markup, rows: u32, columns: u32, more: &str) -> Markup {
    let start = if text.starts_with(['\n', '\r']) { "\n" } else { "" };
    let (name, text) = (safe(name).0, &escaped.0);
    PreEscaped(format!("<TEXTAREA NAME=\"{name}\" ROWS={rows} COLS={columns} WRAP=soft{more}>{start}{text}</TEXTAREA>"))
}

/// A choice among values, each with its label. The first one is chosen where the wanted one is not among them.
pub fn select(name: &str, options: &[(String, String)], chosen: &str) -> Markup {
    let mut html = format!("<Select name=\"{}\">\n", safe(name).0);
    let chosen = options.iter().position(|(value, _)| value == chosen).unwrap_or(0);
    for (at, (value, label)) in options.iter().enumerate() {
        let mark = if at == chosen { " Selected" } else { "" };
        html.push_str(&format!(" <option value=\"{}\"{mark}> {} </option>\n", safe(value).0, safe(label).0));
    }
    html.push_str("</Select>");
    PreEscaped(html)
}

/// A field with a name for those who do not see what stands beside it; the attribute comes last, where programs that read
/// pages do not mind it.
pub fn named(field: &Markup, name: &str) -> Markup {
    let attribute = format!("aria-label=\"{}\" >", safe(name).0);
    // In a field the first such character ends the tag: those in values are escaped.
    let end = if field.0.contains(" >") { " >" } else { ">" };
    PreEscaped(field.0.replacen(end, &format!(" {attribute}"), 1))
}

/// `<a href="URL">LABEL</a>`. An address with a scheme that runs code is shown without its link.
pub fn link(url: &str, label: Markup) -> Markup {
    let scheme = url.trim_start().split(':').next().unwrap_or_default().to_ascii_lowercase();
    match ["javascript", "data", "vbscript"].contains(&scheme.as_str()) {
        true => label,
        false => PreEscaped(format!("<a href=\"{}\">{}</a>", safe(url).0, label.0)),
    }
}

/// A form: its opening tag with the address that it goes to.
pub fn form_start(action: &str, is_upload: bool) -> Markup {
    let kind = if is_upload { "enctype=\"multipart/form-data\" " } else { "" };
    PreEscaped(format!("\n<FORM action=\"{}\" method=\"POST\" {kind}>\n", safe(action).0))
}

/// The tag that closes it.
pub fn form_end() -> Markup {
    PreEscaped("\n</FORM>\n".to_string())
}

/// A form with its fields.
pub fn form(action: &str, fields: Markup) -> Markup {
    PreEscaped([form_start(action, false).0, fields.0, form_end().0].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_spelled_as_programs_read_them() {
        assert_eq!(
            text_box("ann%40example.org_realname", "\"Ann\" &#252; <", 30).0,
            "<INPUT name=\"ann%40example.org_realname\" type=\"TEXT\" value=\"&quot;Ann&quot; &#252; &lt;\" size=\"30\" >"
        );
        assert_eq!(checkbox("x_mod", "off", true).0, "<INPUT name=\"x_mod\" type=\"CHECKBOX\" value=\"off\" CHECKED >");
        let choice = select("l", &[("a".into(), "A".into()), ("b".into(), "<B>".into())], "b").0;
        assert!(choice.contains("<option value=\"b\" Selected> &lt;B&gt; </option>"), "{choice}");
        let first = select("l", &[("de".into(), "German".into()), ("ru".into(), "Russian".into())], "ja").0;
        assert!(first.contains("<option value=\"de\" Selected> German </option>\n <option value=\"ru\">"), "{first}");
    }

    #[test]
    fn names_come_last_in_the_tag() {
        let field = named(&radio("x", "1", true), "Yes & no").0;
        assert_eq!(field, "<INPUT name=\"x\" type=\"RADIO\" value=\"1\" CHECKED aria-label=\"Yes &amp; no\" >");
        let choice = named(&select("l", &[("a".into(), "A".into())], "a"), "L").0;
        assert!(
            choice.starts_with("<Select name=\"l\" aria-label=\"L\" >\n <option value=\"a\" Selected> A"),
            "{choice}"
        );
    }

    #[test]
    fn areas_keep_their_text() {
        assert!(text_area("t", "\n&amp;", 2, 3).0.ends_with(">\n\n&amp;amp;</TEXTAREA>"));
        assert!(read_only_area("t", "</TEXTAREA>", 2, 3).0.contains("READONLY>&lt;/TEXTAREA&gt;<"));
    }

    #[test]
    fn no_link_runs_code() {
        assert_eq!(link(" JavaScript:alert(1)", safe("x")).0, "x");
        assert_eq!(link("mailto:a@b", safe("<")).0, "<a href=\"mailto:a@b\">&lt;</a>");
    }
}
