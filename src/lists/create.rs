//! A new list (`MailList.Create`): its name and its owner are checked, its folders made, its first config.pck written.

use super::attributes::{self, AttributeError};
use crate::error::HandlerError;
use crate::notice::{outbox, save_with_mail, Template};
use compat::durable;
use compat::list::attributes as of_list;
use compat::list::{self, is_valid_email, ListError, LockedList, MailList};
use compat::names::by_name;
use compat::queue::Outbox;
use compat::site::{settings, SettingError, Site};
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Anybody of the group may write, and the folder above says which group that is.
const FOLDER_MODE: u32 = 0o775;
const PAGE_MODE: u32 = 0o664;

/// A list to be.
pub struct NewList<'a> {
    /// In lower case.
    pub name: &'a ByteStr,
    pub owner: &'a [u8],
    /// The SHA-1 of the password in hexadecimal digits.
    pub password: ByteStr,
    pub language: ByteStr,
    pub mail_host: ByteStr,
    pub url_host: ByteStr,
}

/// Why there is no new list.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `MMListAlreadyExistsError`
    #[error("List already exists")]
    Exists,
    /// `BadListNameError`, with the name or the address that it would make.
    #[error("Illegal list name: {0}")]
    BadName(ByteStr),
    /// `EmailAddressError`, with what Mailman's exception says.
    #[error("Bad owner email address: {0}")]
    BadOwner(ByteStr),
    /// A default.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    /// The page of its empty archive, a letter, or its file.
    #[error(transparent)]
    Handler(#[from] HandlerError),
    /// Its file or its lock.
    #[error(transparent)]
    List(#[from] ListError),
    /// A folder.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl From<SettingError> for CreateError {
    fn from(error: SettingError) -> Self {
        CreateError::Attribute(error.into())
    }
}

/// Makes the list and saves it. `more` is set on it before that; `notices` writes the mails that are sent with it, in one
/// commit: nobody can make the list once more when it was cut off.
///
/// # Errors
/// A name that is taken or not allowed, or a file that cannot be written.
pub fn create(
    site: &Rc<Site>,
    new: &NewList<'_>,
    more: Dict,
    notices: impl FnOnce(&MailList, &mut Outbox) -> Result<(), HandlerError>,
) -> Result<MailList, CreateError> {
    check(site, new)?;
    let folder = site.settings.path(settings::LIST_DATA_DIR).join(OsStr::from_bytes(new.name));
    make_folder(&folder)?;
    let attributes = attributes::initial(site, new.name, new.owner, Some(&new.url_host))?;
    let mut list = LockedList::create(site, new.name.clone(), attributes)?;
    make_archive(site, &list)?;
    complete(site, &mut list, new)?;
    for (name, value) in more.iter() {
        list.set(by_name(&name.as_text().cloned().unwrap_or_default().to_latin1()), value.clone());
    }
    let mut outbox = outbox(site)?;
    notices(&list, &mut outbox)?;
    save_with_mail(&mut list, &mut outbox)?;
    list.record(&[b"list made, owner ", new.owner]);
    list.unlock()?;
    Ok(MailList::load(site, new.name.clone())?)
}

fn check(site: &Site, new: &NewList<'_>) -> Result<(), CreateError> {
    if list::exists(site, new.name) {
        return Err(CreateError::Exists);
    }
    // What would lead out of the folder of lists is refused even where a site allows its characters.
    let leads_out = new.name.contains(&b'/') || matches!(&new.name[..], b"" | b"." | b"..");
    if leads_out || !list::is_acceptable(site, new.name) {
        return Err(CreateError::BadName(new.name.clone()));
    }
    let address = [&new.name[..], b"@", &new.mail_host].concat();
    if !is_valid_email(&site.profile, &address) {
        return Err(CreateError::BadName(ByteStr::new(address)));
    }
    if !is_valid_email(&site.profile, new.owner) {
        let unnamed = new.owner.contains(&b' ');
        return Err(CreateError::BadOwner(if unnamed { ByteStr::default() } else { new.owner.into() }));
    }
    Ok(())
}

/// What `bin/newlist` sets after `Create`.
fn complete(site: &Site, list: &mut LockedList, new: &NewList<'_>) -> Result<(), CreateError> {
    let server = site.server_language();
    let mut languages = vec![Value::Str(new.language.clone())];
    if new.language != server {
        languages.push(Value::Str(server));
    }
    list.set(of_list::AVAILABLE_LANGUAGES, Value::list(languages));
    list.set(of_list::PASSWORD, Value::Str(new.password.clone()));
    list.set(of_list::HOST_NAME, Value::Str(new.mail_host.clone()));
    list.set(of_list::WEB_PAGE_URL, attributes::url_of_host(site, &new.url_host)?);
    list.set(of_list::PREFERRED_LANGUAGE, Value::Str(new.language.clone()));
    Ok(())
}

/// `Archiver.InitVars`: the folders of mbox and pages, and a page that says that there is nothing yet.
fn make_archive(site: &Site, list: &MailList) -> Result<(), CreateError> {
    let archives = site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR);
    let mbox = [&list.name()[..], b".mbox"].concat();
    durable_folder(&archives.join(OsStr::from_bytes(&mbox)))?;
    let pages = archives.join(OsStr::from_bytes(list.name()));
    durable_folder(&pages)?;
    let page = pages.join("index.html");
    if page.exists() {
        return Ok(());
    }
    let values =
        [("listname", Value::Str(list.real_name())), ("listinfo", Value::Str(list.script_url("listinfo", true)))];
    let text = Template { name: "emptyarchive.html", values: &values, language: None, raw: false }.for_list(list)?;
    durable::put_page(&page, PAGE_MODE, &text).map_err(|source| CreateError::Io { path: page, source })
}

fn durable_folder(path: &Path) -> Result<(), CreateError> {
    let made = durable::mkdir(path, FOLDER_MODE);
    made.map(drop).map_err(|source| CreateError::Io { path: path.to_path_buf(), source })
}

fn make_folder(path: &Path) -> Result<(), CreateError> {
    durable::mkdir_all(path, FOLDER_MODE).map_err(|source| CreateError::Io { path: path.to_path_buf(), source })
}
