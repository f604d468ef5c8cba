//! Who may do what: passwords, the cookies that a login leaves in a browser, and the signatures of forms.
//!
//! Answers to Mailman/SecurityManager.py, Mailman/CSRFcheck.py and the password files of Mailman/Utils.py. Python and this
//! program may serve the same site side by side, so each accepts what the other one made: the secrets are those that
//! the list and the site store, and cookies have Python's form to the byte. So have the tokens of forms as long as a page
//! of Python is in place; without one they are signed with a key of the server. The room knows passwords, lists and times;
//! it knows requests only as strings, and no HTML.

pub mod cookie;
mod credential;
pub mod csrf;
mod digest;
pub mod form_token;
mod login;
pub mod password;
mod server_key;
mod stamp;
pub mod token;
mod unix_crypt;

pub use credential::{credential, Credential};
pub use digest::{hex_digest, same_bytes};
pub use login::{log_in, Login};
pub use password::{authenticate, Authenticated};

/// In which capacity somebody acts. Each has a password of its own, and most a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthContext {
    /// `AuthUser`: a member, by address.
    User,
    /// `AuthCreator`: whoever may make lists on this site. Has no cookie.
    Creator,
    /// `AuthListAdmin`
    ListAdmin,
    /// `AuthListModerator`
    ListModerator,
    /// `AuthSiteAdmin`: whose password is good on every list. Without ALLOW_SITE_ADMIN_COOKIES his cookie is the list
    /// administrator's.
    SiteAdmin,
    /// `AuthListPoster`: whose password is good in `Approved:` headers only.
    ListPoster,
}

impl AuthContext {
    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            AuthContext::User => "member",
            AuthContext::Creator => "list creator",
            AuthContext::ListAdmin => "list administrator",
            AuthContext::ListModerator => "list moderator",
            AuthContext::SiteAdmin => "site administrator",
            AuthContext::ListPoster => "list poster",
        }
    }
}
