//! Floats as Python 2.7 prints them.
//!
//! `repr()` decides the names of queue files, so it must agree to the digit.

/// `repr(x)`: the shortest digits that read back as `x`.
pub fn float_repr(x: f64) -> String {
    match special(x) {
        Some(text) => text.to_string(),
        None => shortest(x),
    }
}

/// `str(x)`: twelve significant digits.
pub fn float_str(x: f64) -> String {
    if let Some(text) = special(x) {
        return text.to_string();
    }
    // One less than `%.12g`: the final `.0` counts as a digit too.
    let text = general(x, 12, 11, false);
    match text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        true => text + ".0",
        false => text,
    }
}

/// `'%.*e'`, `'%.*f'`, `'%.*g'` of `x`; `kind` in either case. `alternate` is the flag `#`.
pub fn float_with(x: f64, kind: u8, precision: usize, alternate: bool) -> String {
    let text = match special(x) {
        Some(text) => text.to_string(),
        None => match kind.to_ascii_lowercase() {
            b'f' => fixed(x, precision, alternate),
            b'e' => scientific(x, precision, alternate),
            _ => general(x, precision.max(1), precision.max(1), alternate),
        },
    };
    if kind.is_ascii_uppercase() {
        return text.to_ascii_uppercase();
    }
    text
}

fn special(x: f64) -> Option<&'static str> {
    match (x.is_nan(), x.is_infinite(), x > 0.0) {
        (true, _, _) => Some("nan"),
        (_, true, true) => Some("inf"),
        (_, true, false) => Some("-inf"),
        _ => None,
    }
}

/// Digits and decimal exponent: `1.25e2` as ("-", "125", 2).
fn parts(scientific: &str) -> (&str, String, i32) {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    (sign, mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

fn shortest(x: f64) -> String {
    let text = format!("{x:e}");
    let (sign, digits, exponent) = parts(&text);
    if !(-4..16).contains(&exponent) {
        return format!("{sign}{}{}", pointed(&digits, 1, false), exponent_text(exponent));
    }
    let text = positional(&digits, exponent);
    let point = if text.contains('.') { "" } else { ".0" };
    format!("{sign}{text}{point}")
}

/// `digits` with the first one worth 10 to the `exponent`, in plain notation.
fn positional(digits: &str, exponent: i32) -> String {
    match usize::try_from(exponent) {
        Err(_) => format!("0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
        Ok(at) if at + 1 >= digits.len() => format!("{digits}{}", "0".repeat(at + 1 - digits.len())),
        Ok(at) => pointed(digits, at + 1, false),
    }
}

/// A point after `at` digits; none where nothing follows, unless asked for.
fn pointed(digits: &str, at: usize, always: bool) -> String {
    match digits.split_at_checked(at) {
        Some((whole, "")) if always => format!("{whole}."),
        Some((whole, part)) if !part.is_empty() => format!("{whole}.{part}"),
        _ => digits.to_string(),
    }
}

/// At least two digits and always a sign, as C writes it.
fn exponent_text(exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("e{sign}{:02}", exponent.unsigned_abs())
}

fn fixed(x: f64, precision: usize, alternate: bool) -> String {
    let point = if alternate && precision == 0 { "." } else { "" };
    format!("{x:.precision$}{point}")
}

fn scientific(x: f64, precision: usize, alternate: bool) -> String {
    let text = format!("{x:.precision$e}");
    let (sign, digits, exponent) = parts(&text);
    format!("{sign}{}{}", pointed(&digits, 1, alternate), exponent_text(exponent))
}

/// `%g`: `precision` digits, in plain notation while the exponent is below `limit`.
fn general(x: f64, precision: usize, limit: usize, alternate: bool) -> String {
    let text = format!("{x:.*e}", precision - 1);
    let (sign, mut digits, exponent) = parts(&text);
    if !alternate {
        let kept = digits.trim_end_matches('0').len().max(1);
        digits.truncate(kept);
    }
    let body = match exponent < -4 || exponent >= limit as i32 {
        true => pointed(&digits, 1, alternate) + &exponent_text(exponent),
        false => positional(&digits, exponent),
    };
    let point = if alternate && !body.contains('.') { "." } else { "" };
    format!("{sign}{body}{point}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `repr(x)` of CPython 2.7.18.
    #[test]
    fn repr_is_the_shortest_round_trip() {
        let golden: [(f64, &str); 14] = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123456789012345678.0, "1.2345678901234568e+17"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1772452800.123456, "1772452800.123456"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (x, text) in golden {
            assert_eq!(float_repr(x), text);
        }
    }

    /// Made by `str(x)` and `'%...' % x` of CPython 2.7.18.
    #[test]
    fn str_and_conversions() {
        assert_eq!(float_str(1772452800.123456), "1772452800.12");
        assert_eq!(float_str(0.1), "0.1");
        assert_eq!(float_str(1e12), "1e+12");
        assert_eq!(float_str(100000000000.0), "1e+11");
        assert_eq!(float_with(0.25, b'f', 1, false), "0.2");
        assert_eq!(float_with(2.5, b'f', 0, false), "2");
        assert_eq!(float_with(3.5, b'f', 0, true), "4.");
        assert_eq!(float_with(1e51, b'f', 1, false), "999999999999999993220948674361627976461708441944064.0");
        assert_eq!(float_with(1234.5, b'e', 3, false), "1.234e+03");
        assert_eq!(float_with(1234.5, b'G', 3, false), "1.23E+03");
        assert_eq!(float_with(0.0001, b'g', 6, false), "0.0001");
        assert_eq!(float_with(1.0, b'g', 6, true), "1.00000");
        assert_eq!(float_with(0.1, b'g', 17, false), "0.10000000000000001");
        assert_eq!(float_with(0.0, b'g', 6, false), "0");
    }
}
