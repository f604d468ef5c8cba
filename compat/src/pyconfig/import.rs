//! Evaluates `import` and `from ... import`.
//!
//! Three kinds of modules: those of Python that settings use (`modules`), Mailman's Defaults, and files of the site's
//! own beside mm_cfg.py or in a folder that was put on `sys.path`.

use super::call::Given;
use super::item::Item;
use super::modules;
use super::run::{Interpreter, Run};
use super::scope::Namespace;
use super::{Defaults, TABLE};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A settings file is not larger.
pub(super) const MAX_FILE: u64 = 1 << 20;

/// The functions that Defaults.py offers, for sites where tables stand in for it.
const HELPERS: &[u8] = b"
Yes = yes = On = on = True
No = no = Off = off = False
def seconds(n): return n
def minutes(n): return 60 * n
def hours(n): return 3600 * n
def days(n): return 86400 * n
def add_virtualhost(urlhost, emailhost=None):
    if emailhost is None:
        emailhost = '.'.join(urlhost.split('.')[1:])
    VIRTUAL_HOSTS[urlhost.lower()] = emailhost.lower()
def add_language(code, description, charset, direction='ltr'):
    LC_DESCRIPTIONS[code] = (description, charset, direction)
";

impl Interpreter<'_> {
    /// `import name [as bound]`
    pub(super) fn import(&mut self, name: &str, bound: Option<&str>) -> Run<()> {
        let module = self.module(name)?;
        let (first, _) = name.split_once('.').unwrap_or((name, ""));
        match bound {
            Some(bound) => self.scope.set(bound, module, self.line),
            None if first == name => self.scope.set(name, module, self.line),
            // `import a.b` binds a.
            None => {
                let package = self.module(first)?;
                self.scope.set(first, package, self.line);
            }
        }
        Ok(())
    }

    /// `from name import names`; no names is `*`.
    pub(super) fn import_from(&mut self, name: &str, names: &[(String, String)]) -> Run<()> {
        let module = self.module(name.trim_start_matches('.'))?;
        if names.is_empty() {
            return self.import_all(&module, name);
        }
        for (wanted, bound) in names {
            let item = match &module {
                Item::Namespace(namespace) => namespace
                    .get(wanted)
                    .ok_or_else(|| self.raise("ImportError", format!("cannot import name {wanted}")))?,
                Item::Module(package) if modules::is_module(&format!("{package}.{wanted}")) => {
                    Item::module(&format!("{package}.{wanted}"))
                }
                other => self.attribute(other, wanted)?,
            };
            self.scope.set(bound, item, self.line);
        }
        Ok(())
    }

    /// Everything that has no leading underscore, with the place where it was set.
    fn import_all(&mut self, module: &Item, name: &str) -> Run<()> {
        let namespace = match module {
            Item::Namespace(namespace) => namespace,
            Item::Module(package) => {
                for (name, item) in modules::public_names(package) {
                    self.scope.set(name, item, self.line);
                }
                return Ok(());
            }
            _ => return Err(self.fail(format!("from {name} import * is not understood; name what is needed"))),
        };
        let slots: Vec<_> = namespace.names.borrow().iter().map(|(k, slot)| (k.clone(), slot.clone())).collect();
        let mut names = self.scope.globals.names.borrow_mut();
        names.extend(slots.into_iter().filter(|(name, _)| !name.starts_with('_')));
        Ok(())
    }

    fn module(&mut self, name: &str) -> Run<Item> {
        match name {
            "Defaults" | "Mailman.Defaults" => return self.defaults_module(),
            _ if modules::is_module(name) => return Ok(Item::module(name)),
            _ => {}
        }
        let short = name.strip_prefix("Mailman.").unwrap_or(name);
        if let Some(namespace) = self.modules.get(short) {
            return Ok(Item::Namespace(Rc::clone(namespace)));
        }
        match self.find_module(short) {
            Some(path) => self.load_module(short, &path),
            None if modules::is_unsupported(name) => {
                Err(self.fail(format!("the module {name} is not understood in settings; write the values themselves")))
            }
            None => Err(self.raise("ImportError", format!("No module named {name}"))),
        }
    }

    /// Beside the file that asks, then where the site's modules are, then on `sys.path`.
    fn find_module(&self, name: &str) -> Option<PathBuf> {
        let file = format!("{}.py", name.replace('.', "/"));
        let beside = self.scope.globals.file().parent().map(Path::to_path_buf);
        let on_path = self.path.members().unwrap_or_default();
        let on_path = on_path.iter().filter_map(|item| Some(PathBuf::from(std::ffi::OsStr::from_bytes(item.bytes()?))));
        let folders = beside.into_iter().chain(self.folders.iter().cloned()).chain(on_path);
        folders.filter(|folder| folder.is_absolute()).map(|folder| folder.join(&file)).find(|path| path.is_file())
    }

    fn load_module(&mut self, name: &str, path: &Path) -> Run<Item> {
        let source = self.read(path)?;
        let namespace = Namespace::new(path.to_path_buf());
        self.modules.insert(name.to_string(), Rc::clone(&namespace));
        self.file(&source, &namespace)?;
        Ok(Item::Namespace(namespace))
    }

    /// The defaults, evaluated when they are asked for first.
    pub(super) fn defaults_module(&mut self) -> Run<Item> {
        if let Some(namespace) = self.modules.get("Defaults") {
            return Ok(Item::Namespace(Rc::clone(namespace)));
        }
        let table = match &mut self.defaults {
            Defaults::File(path) => {
                let path = path.to_path_buf();
                return self.load_module("Defaults", &path);
            }
            Defaults::Table(table) => std::mem::take(table),
        };
        let namespace = Namespace::new(PathBuf::from(TABLE));
        self.modules.insert("Defaults".to_string(), Rc::clone(&namespace));
        self.file(HELPERS, &namespace)?;
        namespace.set("os", Item::module("os"), 0);
        for (name, value) in table {
            namespace.set(&name, Item::from_value(&value), 0);
        }
        Ok(Item::Namespace(namespace))
    }

    /// `execfile(path)`: in the names of the caller.
    pub(super) fn execfile(&mut self, given: &Given) -> Run<Item> {
        let path = self.path_argument(given)?;
        let source = self.read(&path)?;
        let globals = Rc::clone(&self.scope.globals);
        let outer = globals.enter(Rc::new(path));
        let result = self.file(&source, &globals);
        if result.is_ok() {
            globals.enter(outer);
        }
        result.map(|()| Item::None)
    }

    /// The first argument as an absolute path: where a process stands differs between cron, init and the web server.
    pub(super) fn path_argument(&mut self, given: &Given) -> Run<PathBuf> {
        let path = given.positional.first().and_then(Item::text).cloned();
        let path = path.ok_or_else(|| self.raise("TypeError", "a path must be a string"))?;
        let path = PathBuf::from(std::ffi::OsStr::from_bytes(&path));
        match path.is_absolute() {
            true => Ok(path),
            false => Err(self.fail(format!("{} is no absolute path; write it in full", path.display()))),
        }
    }

    /// A file's content; what fails is Python's IOError.
    pub(super) fn read(&mut self, path: &Path) -> Run<Vec<u8>> {
        let mut source = Vec::new();
        let file = std::fs::File::open(path).map_err(|error| self.io_error(path, &error))?;
        file.take(MAX_FILE + 1).read_to_end(&mut source).map_err(|error| self.io_error(path, &error))?;
        if source.len() as u64 > MAX_FILE {
            return Err(self.fail(format!("{} is too large to be read by settings", path.display())));
        }
        self.take_room(source.len())?;
        Ok(source)
    }

    fn io_error(&self, path: &Path, error: &std::io::Error) -> super::run::Stop {
        let code = error.raw_os_error().unwrap_or(0);
        let text = nix::errno::Errno::from_raw(code).desc();
        self.raise("IOError", format!("[Errno {code}] {text}: '{}'", path.display()))
    }
}
