//! Python 2's `marshal`, version 2: the index files of the archiver, and `config.db` of Mailman 2.0.
//!
//! Only data is read: numbers, strings, tuples, lists, dictionaries. Code objects are refused. Interned strings are kept
//! apart in the file (`t`, and `R` for a repetition); they are ordinary strings here and are written as such, which every
//! Python 2 reads. Lengths are checked against what is there, nesting and count are bounded.

mod entries;

pub use entries::{entries, parts, Entries, Part};

use crate::value::{Dict, UniStr, Value};
use crate::ByteStr;
use std::io::{self, Write};

/// How deep containers may nest.
const DEPTH_LIMIT: usize = 200;
/// Python's `marshal` splits longs into digits of 15 bits.
const LONG_DIGIT_BITS: u32 = 15;

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarshalError {
    /// `EOFError`, which the archiver takes for an empty index.
    #[error("EOF read where object expected (at byte {0})")]
    End(usize),
    /// `ValueError` or `TypeError`: broken data, or a type that is not data.
    #[error("bad marshal data: {what} (at byte {at})")]
    Bad {
        /// What is wrong with it.
        what: &'static str,
        /// Where.
        at: usize,
    },
    /// Something that marshal cannot hold.
    #[error("unmarshallable object: {0}")]
    Unwritable(&'static str),
}

impl MarshalError {
    /// What `str()` gives of the exception that Python's `marshal.load` of a file raises.
    pub fn python_text(&self) -> String {
        match self {
            MarshalError::End(_) => "EOF read where object expected".to_string(),
            MarshalError::Bad { what: "NULL object", .. } => "NULL object in marshal data".to_string(),
            MarshalError::Bad { .. } => "bad marshal data (unknown type code)".to_string(),
            MarshalError::Unwritable(_) => self.to_string(),
        }
    }
}

/// Reads one value. Strings share the buffer.
///
/// # Errors
/// Truncated or broken data, with the offset.
pub fn load(data: &ByteStr) -> Result<Value, MarshalError> {
    Ok(load_first(data)?.0)
}

/// The same, and how many bytes the value takes.
///
/// # Errors
/// As [`load`].
pub fn load_first(data: &ByteStr) -> Result<(Value, usize), MarshalError> {
    let mut reader = Reader { data, at: 0, interned: Vec::new() };
    let value = reader.value(0)?.ok_or(MarshalError::Bad { what: "NULL object", at: 0 })?;
    Ok((value, reader.at))
}

/// Writes a value as `marshal.dumps` of Python 2.7 does, except for interning.
///
/// # Errors
/// The sink fails, or the value holds an instance.
pub fn dump(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    write_value(value, out, 0)
}

struct Reader<'a> {
    data: &'a ByteStr,
    at: usize,
    interned: Vec<ByteStr>,
}

impl Reader<'_> {
    /// The next value, or `None` for the mark that ends a dictionary.
    fn value(&mut self, depth: usize) -> Result<Option<Value>, MarshalError> {
        if depth > DEPTH_LIMIT {
            return Err(self.bad("nested too deeply"));
        }
        let tag = *self.take(1)?.first().ok_or(MarshalError::End(self.at))?;
        Ok(Some(match tag {
            b'0' => return Ok(None),
            b'N' => Value::None,
            b'T' => Value::Bool(true),
            b'F' => Value::Bool(false),
            b'i' => Value::Int(i64::from(self.int()?)),
            b'I' => Value::Int(i64::from_le_bytes(self.array()?)),
            b'l' => self.long()?,
            b'g' => Value::Float(f64::from_le_bytes(self.array()?)),
            b'f' => self.float_text()?,
            b's' => Value::Str(self.string()?),
            b't' => Value::Str(self.intern()?),
            b'R' => Value::Str(self.interned_again()?),
            b'u' => Value::Unicode(UniStr(self.string()?)),
            b'(' => Value::tuple(self.items(depth)?),
            b'[' => Value::list(self.items(depth)?),
            b'{' => Value::dict(self.dict(depth)?),
            _ => return Err(self.bad("a type that is not data")),
        }))
    }

    fn take(&mut self, count: usize) -> Result<ByteStr, MarshalError> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.data.len());
        let end = end.ok_or(MarshalError::End(self.at))?;
        let piece = self.data.slice(self.at..end);
        self.at = end;
        Ok(piece)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], MarshalError> {
        let at = self.at;
        self.take(N)?[..].try_into().map_err(|_| MarshalError::End(at))
    }

    fn int(&mut self) -> Result<i32, MarshalError> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    fn length(&mut self) -> Result<usize, MarshalError> {
        usize::try_from(self.int()?).map_err(|_| self.bad("a negative length"))
    }

    fn string(&mut self) -> Result<ByteStr, MarshalError> {
        let length = self.length()?;
        self.take(length)
    }

    fn intern(&mut self) -> Result<ByteStr, MarshalError> {
        let text = self.string()?;
        self.interned.push(text.clone());
        Ok(text)
    }

    fn interned_again(&mut self) -> Result<ByteStr, MarshalError> {
        let number = self.length()?;
        self.interned.get(number).cloned().ok_or_else(|| self.bad("an unknown interned string"))
    }

    fn float_text(&mut self) -> Result<Value, MarshalError> {
        let length = usize::from(self.array::<1>()?[0]);
        let text = self.take(length)?;
        let number = std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok());
        number.map(Value::Float).ok_or_else(|| self.bad("a float that is none"))
    }

    /// Longs of up to 63 bits; Mailman keeps none that are larger.
    fn long(&mut self) -> Result<Value, MarshalError> {
        let count = self.int()?;
        let mut number: i64 = 0;
        for at in 0..count.unsigned_abs() {
            let digit = i64::from(u16::from_le_bytes(self.array()?));
            if digit >> LONG_DIGIT_BITS != 0 {
                return Err(self.bad("digit out of range in long"));
            }
            let shifted = digit.checked_shl(at * LONG_DIGIT_BITS).filter(|_| at < 4);
            number |= shifted.ok_or_else(|| self.bad("a long of more than 60 bits"))?;
        }
        Ok(Value::Long(format!("{}", if count < 0 { -number } else { number }).into()))
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Value>, MarshalError> {
        let count = self.length()?;
        // Each item takes a byte at least, so a count that is too large meets the end, or what is no item before it.
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(self.value(depth + 1)?.ok_or_else(|| self.bad("NULL object in a list"))?);
        }
        Ok(items)
    }

    fn dict(&mut self, depth: usize) -> Result<Dict, MarshalError> {
        let mut entries = Vec::new();
        while let Some(key) = self.value(depth + 1)? {
            let value = self.value(depth + 1)?.ok_or_else(|| self.bad("a key without a value"))?;
            entries.push((key, value));
        }
        Ok(Dict::from_entries(entries))
    }

    fn bad(&self, what: &'static str) -> MarshalError {
        MarshalError::Bad { what, at: self.at }
    }
}

fn write_value(value: &Value, out: &mut dyn Write, depth: usize) -> io::Result<()> {
    if depth > DEPTH_LIMIT {
        return Err(unwritable("deep nesting"));
    }
    match value {
        Value::None => out.write_all(b"N"),
        Value::Bool(truth) => out.write_all(if *truth { b"T" } else { b"F" }),
        Value::Int(number) => write_int(*number, out),
        Value::Long(digits) => write_long(digits, out),
        Value::Float(number) => tagged(b'g', &number.to_le_bytes(), out),
        Value::Str(text) => write_string(b's', text, out),
        Value::Unicode(UniStr(text)) => write_string(b'u', text, out),
        Value::Tuple(items) => write_items(b'(', items, out, depth),
        Value::List(items) => write_items(b'[', items, out, depth),
        Value::Dict(dict) => write_dict(dict, out, depth),
        Value::Global(_) | Value::Object(_) => Err(unwritable(value.type_name())),
    }
}

fn tagged(tag: u8, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[tag])?;
    out.write_all(bytes)
}

fn write_int(number: i64, out: &mut dyn Write) -> io::Result<()> {
    match i32::try_from(number) {
        Ok(small) => tagged(b'i', &small.to_le_bytes(), out),
        Err(_) => tagged(b'I', &number.to_le_bytes(), out),
    }
}

fn write_long(digits: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let number: i64 =
        std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).ok_or_else(|| unwritable("long"))?;
    let mut rest = number.unsigned_abs();
    let mut pieces = Vec::new();
    while rest > 0 {
        pieces.extend_from_slice(&((rest & 0x7fff) as u16).to_le_bytes());
        rest >>= LONG_DIGIT_BITS;
    }
    let count = (pieces.len() / 2) as i32 * if number < 0 { -1 } else { 1 };
    tagged(b'l', &count.to_le_bytes(), out)?;
    out.write_all(&pieces)
}

fn write_length(length: usize, out: &mut dyn Write) -> io::Result<()> {
    let length = i32::try_from(length).map_err(|_| unwritable("more than 2 GiB"))?;
    out.write_all(&length.to_le_bytes())
}

fn write_string(tag: u8, text: &[u8], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[tag])?;
    write_length(text.len(), out)?;
    out.write_all(text)
}

fn write_items(tag: u8, items: &[Value], out: &mut dyn Write, depth: usize) -> io::Result<()> {
    out.write_all(&[tag])?;
    write_length(items.len(), out)?;
    items.iter().try_for_each(|item| write_value(item, out, depth + 1))
}

fn write_dict(dict: &Dict, out: &mut dyn Write, depth: usize) -> io::Result<()> {
    out.write_all(b"{")?;
    for (key, value) in dict.iter() {
        write_value(key, out, depth + 1)?;
        write_value(value, out, depth + 1)?;
    }
    out.write_all(b"0")
}

fn unwritable(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, MarshalError::Unwritable(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `marshal.dumps({('00000000001', 'm@x'): 'm@x', (u'Name, \xe4', '00000000001', 'a'): None}, 2)`, as Python 2.7
    /// writes it for strings that are not interned.
    const INDEX: &[u8] = b"{(\x02\x00\x00\x00s\x0b\x00\x00\x0000000000001s\x03\x00\x00\x00m@xs\x03\x00\x00\x00m@x\
        (\x03\x00\x00\x00u\x08\x00\x00\x00Name, \xc3\xa4s\x0b\x00\x00\x0000000000001s\x01\x00\x00\x00aN0";

    fn dumped(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        dump(value, &mut out).unwrap();
        out
    }

    #[test]
    fn an_index_as_python_writes_it() {
        let value = load(&INDEX.into()).unwrap();
        assert_eq!(value.as_dict().unwrap().len(), 2);
        assert_eq!(dumped(&value), INDEX);
    }

    #[test]
    fn a_digit_of_16_bits_is_refused_as_python_does() {
        let error = load(&ByteStr::from(&b"l\x01\0\0\0\0\x80"[..])).unwrap_err();
        assert!(error.to_string().contains("digit out of range in long"), "{error}");
    }

    #[test]
    fn interned_strings_and_longs() {
        let data = b"[\x04\x00\x00\x00t\x01\x00\x00\x00aR\x00\x00\x00\x00l\xfe\xff\xff\xff\x01\x00\x02\x00I\x00\x00\x00\x00\x01\x00\x00\x00";
        let value = load(&data.into()).unwrap();
        let expected = [Value::str("a"), Value::str("a"), Value::Long("-65537".into()), Value::Int(1 << 32)];
        assert_eq!(value.as_items().unwrap(), expected);
        assert_eq!(dumped(&value)[17..], data[16..]);
    }

    #[test]
    fn broken_data_is_told_apart_from_short_data() {
        assert_eq!(load(&b"".into()), Err(MarshalError::End(0)));
        assert_eq!(load(&b"s\xff\xff\xff\x7fx".into()), Err(MarshalError::End(5)));
        assert!(matches!(load(&b"c".into()), Err(MarshalError::Bad { .. })));
        assert!(matches!(load(&b"(\xff\xff\xff\xff".into()), Err(MarshalError::Bad { .. })));
        let deep = [&b"(\x01\x00\x00\x00"[..]; 1000].concat();
        assert!(matches!(load(&ByteStr::new(deep)), Err(MarshalError::Bad { what: "nested too deeply", .. })));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_value_or_an_error(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(value) = load(&ByteStr::new(data)) {
                prop_assert_eq!(load(&ByteStr::new(dumped(&value))).map_err(|e| e.to_string()).is_ok(), true);
            }
        }
    }
}
