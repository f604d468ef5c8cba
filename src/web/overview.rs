//! The lists of a host, for the pages that are visited without naming a list.
//!
//! Answers to the overviews of listinfo and admin.

use super::{Problem, Texts, Visit};
use compat::list::{attributes, ListError, MailList};
use compat::site::{settings, Switch};
use compat::ByteStr;
use maud::{html, Markup};

/// A row of an overview.
pub struct Advertised {
    /// The address of the program for the list.
    pub url: String,
    /// Its name with its capitals.
    pub real_name: String,
    /// What it is about; empty where nobody has said.
    pub description: Markup,
}

impl Visit<'_> {
    /// The lists that want to be shown on this host, by name. A list that cannot be read is left out and logged.
    ///
    /// # Errors
    /// The folder of lists cannot be read.
    pub fn advertised(&self, program: &str) -> Result<Vec<Advertised>, Problem> {
        let mut names = compat::list::names(self.site)?;
        names.sort();
        let is_for_host = self.host_filter();
        let mut rows = Vec::new();
        for name in names {
            match MailList::look(self.site, name) {
                Ok(list) if list.truth(attributes::ADVERTISED) && is_for_host(&list.str(attributes::WEB_PAGE_URL)) => {
                    rows.push(Advertised {
                        url: self.list_url(&list, program).to_string(),
                        real_name: list.real_name().to_string(),
                        description: self.shown_description(&list),
                    })
                }
                // Removed by somebody meanwhile, or not to be shown.
                Ok(_) | Err(ListError::Unknown(_)) => {}
                Err(error) => self.log("error", &[self.program.as_bytes(), b": ", error.to_string().as_bytes()]),
            }
        }
        Ok(rows)
    }

    /// Whether a list's address is one of the host that is visited.
    fn host_filter(&self) -> impl Fn(&ByteStr) -> bool {
        let all = !self.site.settings.truth(settings::VIRTUAL_HOST_OVERVIEW);
        let with_port = self.has(Switch::OverviewHostWithPort);
        let host = self.domain();
        let holds = move |url: &ByteStr, end: &[u8]| crate::text::find(url, &[b"/", &host[..], end].concat()).is_some();
        move |url| all || holds(url, b"/") || (with_port && holds(url, b":"))
    }

    /// The table of an overview, from the lists of [`Visit::advertised`].
    pub fn overview_table(&self, texts: &Texts<'_>, rows: &[Advertised]) -> Markup {
        html! {
            table.lists {
                tr { th scope="col" { (texts.say("List")) } th scope="col" { (texts.say("Description")) } }
                @for (at, row) in rows.iter().enumerate() {
                    tr.odd[at % 2 == 0] {
                        td { a href=(row.url) { strong { (row.real_name) } } }
                        td {
                            @if row.description.0.is_empty() { em { (texts.say("[no description available]")) } }
                            @else { (row.description) }
                        }
                    }
                }
            }
        }
    }
}
