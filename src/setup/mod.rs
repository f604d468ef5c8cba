//! A new site on a machine where the package has laid out the folders: settings, the site's password, the site list,
//! aliases, a first list.
//!
//! Only the settings file, whose folder belongs to root, is written as root. Then this process becomes the list user, so that
//! all else belongs to it and no link in a folder of its leads root anywhere.

mod advice;
pub mod programs;
mod settings_file;

pub use advice::advice;
pub use settings_file::{is_host, Mta, Plan};

use crate::auth::hex_digest;
use crate::auth::password::{write_site_password, SitePassword};
use crate::lists::{create, postfix, CreateError, NewList};
use crate::privileges::{become_list_user, PrivilegeError};
use crate::queues::folders;
use compat::list::{self, MailList};
use compat::queue::QueueName;
use compat::random;
use compat::site::{settings, SettingError, Site, SiteError};
use compat::value::Dict;
use compat::{durable, ByteStr};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The mode of mm_cfg.py: everybody may read it, as in Debian.
const SETTINGS_MODE: u32 = 0o644;
/// The length of passwords that nobody is told: the site's password opens the lists.
const UNTOLD_PASSWORD: usize = 32;
const QUEUE_MODE: u32 = 0o2770;
/// Folders of data that must be there, below VAR_PREFIX, with their modes.
const FOLDERS: [(&str, u32); 7] = [
    ("lists", 0o2775),
    ("data", 0o2775),
    ("spam", 0o2775),
    ("qfiles", 0o2770),
    ("archives", 0o2775),
    ("archives/private", 0o2771),
    ("archives/public", 0o2775),
];

/// Why there is no new site. What was made before stays, and the next call goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The settings that were written, or those of before, are not understood.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A setting.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The list user.
    #[error(transparent)]
    User(#[from] PrivilegeError),
    /// A list.
    #[error(transparent)]
    List(#[from] CreateError),
    /// A list that is there.
    #[error(transparent)]
    Old(#[from] list::ListError),
    /// The aliases.
    #[error(transparent)]
    Aliases(#[from] postfix::PostfixError),
}

/// Makes the site in `home`. What is there already stays as it is; `tell` hears what is done.
///
/// # Errors
/// See [`SetupError`].
pub fn run(home: &Path, plan: &Plan, tell: &dyn Fn(&str)) -> Result<Rc<Site>, SetupError> {
    let file = home.join("Mailman/mm_cfg.py");
    match file.exists() {
        true => tell(&format!("{} is there and stays as it is", file.display())),
        false => {
            write_settings(&file, plan)?;
            tell(&format!("wrote {}", file.display()));
        }
    }
    let site = Site::open(home)?;
    become_list_user(&site.settings)?;
    make_folders(&site)?;
    set_password(&site, plan, tell)?;
    let own = site.settings.str(settings::MAILMAN_SITE_LIST)?;
    make_list(&site, plan, &own, tell)?;
    if let Some(name) = &plan.list {
        make_list(&site, plan, &ByteStr::from(name.as_str()), tell)?;
    }
    if plan.mta == Mta::Postfix {
        let names =
            list::names(&site).map_err(|source| failed(&site.settings.path(settings::LIST_DATA_DIR), source))?;
        let lists: Result<Vec<MailList>, _> = names.into_iter().map(|name| MailList::load(&site, name)).collect();
        postfix::regenerate(&site, &lists?)?;
        tell(&format!("made the aliases in {}", site.settings.path(settings::DATA_DIR).display()));
    }
    Ok(site)
}

fn failed(path: &Path, source: io::Error) -> SetupError {
    SetupError::Io { path: path.to_path_buf(), source }
}

/// The file may be a link out of the program's folder, as Debian has it: it is made where the link leads.
fn write_settings(file: &Path, plan: &Plan) -> Result<(), SetupError> {
    if let Err(error) = durable::open_trusted(file) {
        if error.kind() == io::ErrorKind::PermissionDenied {
            return Err(failed(file, error));
        }
    }
    let target = std::fs::read_link(file).map_or_else(|_| file.to_path_buf(), |link| file.with_file_name(link));
    let folder = target.parent().unwrap_or(Path::new("/"));
    durable::mkdir_all(folder, 0o755).map_err(|source| failed(folder, source))?;
    let temporary = target.with_extension("py.tmp");
    let write = |file: &mut durable::NewFile| file.write_all(settings_file::text(plan).as_bytes());
    durable::replace(&target, &temporary, SETTINGS_MODE, write).map_err(|source| failed(&target, source))
}

fn make_folders(site: &Site) -> Result<(), SetupError> {
    let prefix = site.settings.path(settings::VAR_PREFIX);
    for (name, mode) in FOLDERS {
        let path = prefix.join(name);
        durable::mkdir_all(&path, mode).map_err(|source| failed(&path, source))?;
    }
    // Whoever hands in the first mail would own the folder of its queue.
    let queues = folders(site)?;
    for queue in QueueName::ALL {
        let path = queues.of(queue);
        durable::mkdir_all(path, QUEUE_MODE).map_err(|source| failed(path, source))?;
    }
    Ok(())
}

fn set_password(site: &Site, plan: &Plan, tell: &dyn Fn(&str)) -> Result<(), SetupError> {
    let path = site.settings.path(SitePassword::Administrator.setting());
    match &plan.password {
        Some(password) => {
            write_site_password(&path, password.as_bytes()).map_err(|source| failed(&path, source))?;
            tell("set the password of the site");
        }
        None => tell("the password of the site stays as it is"),
    }
    Ok(())
}

fn make_list(site: &Rc<Site>, plan: &Plan, name: &ByteStr, tell: &dyn Fn(&str)) -> Result<(), SetupError> {
    if list::exists(site, name) {
        tell(&format!("the list {name} is there"));
        return Ok(());
    }
    let new = NewList {
        name,
        owner: plan.owner.as_bytes(),
        password: hex_digest(&random::password(UNTOLD_PASSWORD, false)),
        language: site.server_language(),
        mail_host: site.settings.str(settings::DEFAULT_EMAIL_HOST)?,
        url_host: site.settings.str(settings::DEFAULT_URL_HOST)?,
    };
    create(site, &new, Dict::new(), |_, _| Ok(()))?;
    tell(&format!("made the list {name}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn plan() -> Plan {
        Plan {
            mail_host: "lists.example.org".to_string(),
            web_host: "www.example.org".to_string(),
            owner: "ann@example.org".to_string(),
            password: Some("secret".to_string()),
            list: Some("garden".to_string()),
            mta: Mta::None,
            tls: true,
        }
    }

    #[test]
    fn a_second_call_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap();
        let group = nix::unistd::Group::from_gid(nix::unistd::getegid()).unwrap().unwrap();
        std::fs::create_dir_all(home.path().join("Mailman")).unwrap();
        let own = format!("MAILMAN_USER = '{}'\nMAILMAN_GROUP = '{}'\n", user.name, group.name);
        let settings = settings_file::text(&plan()) + &own;
        std::fs::write(home.path().join("Mailman/mm_cfg.py"), settings).unwrap();
        for name in ["locks", "logs"] {
            std::fs::create_dir(home.path().join(name)).unwrap();
        }
        let told = RefCell::new(Vec::new());
        let tell = |line: &str| told.borrow_mut().push(line.to_string());
        let site = run(home.path(), &plan(), &tell).unwrap();
        assert_eq!(list::names(&site).unwrap().len(), 2);
        let garden = MailList::load(&site, "garden").unwrap();
        assert_eq!(garden.host_name(), "lists.example.org");
        assert!(garden.script_url("admin", true).starts_with(b"https://www.example.org/"));
        told.borrow_mut().clear();
        run(home.path(), &Plan { password: None, ..plan() }, &tell).unwrap();
        assert!(told.borrow().iter().all(|line| line.contains("is there") || line.contains("stays")), "{told:?}");
    }

    #[test]
    fn settings_go_where_a_link_leads() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("Mailman")).unwrap();
        let target = home.path().join("etc/mm_cfg.py");
        let link = home.path().join("Mailman/mm_cfg.py");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write_settings(&link, &plan()).unwrap();
        assert!(std::fs::read_to_string(target).unwrap().contains("'lists.example.org'"));
    }
}
