//! A member whose mail bounces is taken off a list that gives no warnings.

use super::work::{Language, Work};
use crate::dns::Closed;
use crate::error::HandlerError;
use crate::membership::{leave, MembershipContext, Notices};
use compat::list::attributes;
use compat::ByteStr;

impl Work<'_> {
    /// Removes the member, says goodbye, and tells the owners if they want to know. The language of texts that this
    /// leaves behind stays, as it does in Mailman.
    pub fn remove(&mut self, member: &ByteStr) -> Result<(), HandlerError> {
        let tells = self.list.truth(attributes::BOUNCE_NOTIFY_OWNER_ON_REMOVAL);
        self.remove_as(member, "disabled address", Notices { member: Some(true), owners: Some(tells) })
    }

    /// Removes somebody whose record is broken; who hears of it is up to the list.
    pub fn remove_quietly(&mut self, member: &ByteStr) -> Result<(), HandlerError> {
        self.remove_as(member, "cron/disabled", Notices::default())
    }

    fn remove_as(&mut self, member: &ByteStr, whence: &str, notices: Notices) -> Result<(), HandlerError> {
        let language = self.current_language.language();
        let mut ctx = MembershipContext {
            site: self.site,
            list: self.list,
            outbox: self.outbox,
            dns: &Closed,
            language: language.clone(),
        };
        leave::approved_delete(&mut ctx, member, Some(whence), notices)
            .map_err(|error| HandlerError::Cause(Box::new(error)))?;
        if ctx.language != language {
            *self.current_language = Language::Of(ctx.language);
        }
        Ok(())
    }
}
