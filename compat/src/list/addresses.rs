//! The addresses of a list: `L@host` and its `-bounces`, `-owner` and other relatives.

use super::MailList;
use crate::format::percent_bytes;
use crate::list::attributes;
use crate::site::settings;
use crate::value::Value;
use crate::ByteStr;

impl MailList {
    /// `real_name`: the internal name with its capitals.
    pub fn real_name(&self) -> ByteStr {
        self.str(attributes::REAL_NAME)
    }

    /// `host_name`: the mail host.
    pub fn host_name(&self) -> ByteStr {
        self.str(attributes::HOST_NAME)
    }

    /// `getListAddress(extra)`
    pub fn address_with(&self, extra: &str) -> ByteStr {
        ByteStr::new([&self.name[..], b"-", extra.as_bytes(), b"@", &self.host_name()].concat())
    }

    /// `GetListEmail`
    pub fn posting_address(&self) -> ByteStr {
        ByteStr::new([&self.name[..], b"@", &self.host_name()].concat())
    }

    /// `GetBouncesEmail`
    pub fn bounces_address(&self) -> ByteStr {
        self.address_with("bounces")
    }

    /// `GetOwnerEmail`
    pub fn owner_address(&self) -> ByteStr {
        self.address_with("owner")
    }

    /// `-join`
    pub fn join_address(&self) -> ByteStr {
        self.address_with("join")
    }

    /// `-leave`
    pub fn leave_address(&self) -> ByteStr {
        self.address_with("leave")
    }

    /// `GetRequestEmail`
    pub fn request_address(&self) -> ByteStr {
        self.address_with("request")
    }

    /// `GetRequestEmail(cookie)`: the confirm address where the site puts the cookie there, else the request address.
    pub fn request_address_for(&self, cookie: &[u8]) -> ByteStr {
        if !cookie.is_empty() && self.site.settings.truth(settings::VERP_CONFIRMATIONS) {
            self.confirm_address(cookie)
        } else {
            self.request_address()
        }
    }

    /// `GetConfirmEmail`: `VERP_CONFIRM_FORMAT` filled in. A format that does not work counts as the usual one.
    pub fn confirm_address(&self, cookie: &[u8]) -> ByteStr {
        let addr = [&self.name[..], b"-confirm"].concat();
        let values = [("addr", Value::str(addr.clone())), ("cookie", Value::str(cookie))];
        let format = self.site.settings.optional_str(settings::VERP_CONFIRM_FORMAT);
        let filled = format.and_then(|format| percent_bytes(&format, &values).ok());
        let local = filled.unwrap_or_else(|| ByteStr::new([&addr, &b"+"[..], cookie].concat()));
        ByteStr::new([&local[..], b"@", &self.host_name()].concat())
    }

    /// `GetMemberAdminEmail`: for an umbrella list, whose members are lists, the address of the member's owner.
    pub fn member_admin_address(&self, member: &[u8]) -> ByteStr {
        let at = member.iter().position(|&b| b == b'@');
        match at {
            Some(at) if self.truth(attributes::UMBRELLA_LIST) => {
                let suffix = self.str(attributes::UMBRELLA_MEMBER_SUFFIX);
                ByteStr::new([&member[..at], &suffix, &member[at..]].concat())
            }
            _ => ByteStr::from(member),
        }
    }
}
