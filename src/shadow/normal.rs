//! What no two runs have in common, made the same: times, tokens, numbers of processes, boundaries of MIME parts.

/// Minimum number of hexadecimal digits of a token ...
const TOKEN: usize = 32;
/// ... and of digits of a time.
const TIME: usize = 9;

/// The text with placeholders: `#` for tokens, `@` for times, and the ids that were made on the way.
pub fn normal(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(&first) = rest.first() {
        let used = match first {
            b'0'..=b'9' | b'a'..=b'f' => number(rest, &mut out),
            b'<' => made_id(rest, &mut out),
            b'=' => boundary(rest, &mut out),
            _ => 0,
        };
        if used == 0 {
            out.push(char::from(first));
        }
        rest = rest.get(used.max(1)..).unwrap_or_default();
    }
    out
}

/// A token, a time since 1970, or a time of day.
fn number(text: &[u8], out: &mut String) -> usize {
    let run = |is: fn(&u8) -> bool| text.iter().take_while(|b| is(b)).count();
    let hex = run(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b));
    let digits = run(u8::is_ascii_digit);
    if hex >= TOKEN {
        out.push('#');
        return hex;
    }
    if digits >= TIME {
        out.push('@');
        let fraction = text.get(digits..).unwrap_or_default();
        let length = fraction.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
        return if fraction.first() == Some(&b'.') && length > 0 { digits + 1 + length } else { digits };
    }
    if digits == 2 && is_clock(text) {
        out.push_str("hh:mm:ss");
        return 8;
    }
    // The whole word, so that its end is not taken for a beginning.
    let word = hex.max(digits);
    text.iter().take(word).for_each(|&b| out.push(char::from(b)));
    word
}

fn is_clock(text: &[u8]) -> bool {
    let is = |at: usize, wanted: fn(&u8) -> bool| text.get(at).is_some_and(wanted);
    let is_colon = |b: &u8| *b == b':';
    let is_digit: fn(&u8) -> bool = u8::is_ascii_digit;
    is(2, is_colon) && is(3, is_digit) && is(4, is_digit) && is(5, is_colon) && is(6, is_digit) && is(7, is_digit)
}

/// `<mailman.COUNT.TIME.PID.LIST@HOST>` and `<TIME.PID.RANDOM@HOST>` become `<*>`.
fn made_id(text: &[u8], out: &mut String) -> usize {
    let Some(end) = text.iter().take(200).position(|&b| b == b'>') else { return 0 };
    let id = text.get(1..end).unwrap_or_default();
    let digits = id.iter().take_while(|b| b.is_ascii_digit()).count();
    let is_timed = digits >= TIME && id.get(digits) == Some(&b'.') && id.contains(&b'@');
    if !id.starts_with(b"mailman.") && !is_timed {
        return 0;
    }
    out.push_str("<*>");
    end + 1
}

/// `===============NUMBER==`
fn boundary(text: &[u8], out: &mut String) -> usize {
    let signs = text.iter().take_while(|&&b| b == b'=').count();
    let digits = text.iter().skip(signs).take_while(|b| b.is_ascii_digit()).count();
    let is_closed = text.get(signs + digits..).unwrap_or_default().starts_with(b"==");
    if signs < 15 || digits == 0 || !is_closed {
        return 0;
    }
    out.push_str("===*==");
    signs + digits + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_each_time_is_the_same() {
        for (text, wanted) in [
            ("confirm 0123456789abcdef0123456789abcdef01234567 now", "confirm # now"),
            ("Mon, 30 Nov 2026 16:30:12 +0000", "Mon, 30 Nov 2026 hh:mm:ss +0000"),
            ("1795475402.73 and 12345 and 1795475402", "@ and 12345 and @"),
            ("<mailman.0.1795475402.99.garden@lists.example.com>", "<*>"),
            ("<20261130163000.12.34@host.example> <m1@example.org>", "<*> <m1@example.org>"),
            ("--===============0123456789012345678==--", "--===*==--"),
            ("== 5 == facade 12", "== 5 == facade 12"),
        ] {
            assert_eq!(normal(text.as_bytes()), wanted);
        }
    }
}
