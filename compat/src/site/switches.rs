//! The rows of the profile. See `site::profile` for what they mean.
//!
//! The text says what is so where the switch is on, and after "before" what an older version does. Order and grouping
//! follow the way of a message.

use super::profile::Row;

macro_rules! switches {
    ($($name:ident $since:literal $what:literal;)*) => {
        /// A difference between versions; see [`SWITCHES`] for each one's meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(usize)]
        pub enum Switch {
            $(#[doc = $what] $name,)*
        }

        /// All rows, in the order of [`Switch`].
        pub static SWITCHES: &[Row] = &[
            $(Row { switch: Switch::$name, since: $since, what: $what },)*
        ];
    };
}

switches! {
    // Files, lists, logs
    LogsNotWorldReadable 19 "logs are made with mode 0660; before: 0664";
    RequestsNotWorldReadable 19 "request.pck and heldmsg files are made with mode 0660; before: 0664";
    ReloadByWholeSecond 15 "a list is read again unless its file is older than the copy; before: unless not newer";
    ListObjectPerEntry 15 "a runner opens the list anew for every entry; before: once a process";
    ListNameCheckedOnOpen 20 "no list has a name outside ACCEPTABLE_LISTNAME_CHARACTERS; before: tested at creation";
    ListNameWithRemoteInMischief 20 "Hostile listname lines show listname= and remote=; before: the name alone";
    NonmemberListEntriesFolded 15 "@list entries are lower-cased and stripped; before: exact name";
    TopicsByLine 19 "topic patterns are plain, their lines joined by or; before: one verbose pattern";
    RespondToPostRequestsSetting 15 "new lists take respond_to_post_requests from a setting; before: 1";
    InterpolationNeverRaises 14 "_() gives back an uninterpolated text on a bad format; before: it raises";

    // Processes
    MailmanctlNoRestartName 14 "the long form of -n is --no-restart; before: --no-start";
    MasterLockFileSetting 16 "MASTER_LOCK_FILE names the master's lock; before: master-qrunner";
    CommandOutputInLocaleCharset 21 "command line output is recoded to the locale's charset";
    ListListsPublicOption 16 "list_lists has -p";
    ListListsHostExact 25 "list_lists -V wants the very host of web_page_url; before: one text within the other";
    ListMembersModerationOptions 21 "list_members has -m and -M; before: -i and -u may stand together";
    SenddigestsExceptions 24 "senddigests has -e";
    NewlistAutomate 20 "newlist has -a";
    NewlistExplainsOwner 16 "newlist says what is wrong with an owner's address; before: the address alone";
    NewlistUrlHost 14 "an empty archive's page links to the host of newlist -u; before: to DEFAULT_URL_HOST";
    RmlistHeldMessages 15 "rmlist removes held messages, and looks where the settings point; before: below VAR_PREFIX";
    AddMembersOwnHost 15 "add_members reports from the list's host; before: from the default one";
    AddMembersNoMail 16 "add_members -n stops delivery; before: it names the file of regular members";
    AddMembersInvite 27 "add_members has -i and -m";
    ConfigListOptionBits 15 "config_list sets every bit of new_member_options; before: those of the web page alone";
    ConfigListHostChecked 27 "config_list refuses a host_name that is no domain; before: any";
    ConfigListBadAddresses 27 "config_list refuses a pattern as a bad address; before: as a bad value";
    PostfixLocalDomain 14 "virtual-mailman may point to VIRTUAL_MAILMAN_LOCAL_DOMAIN; before: to bare names";
    PostfixHostFolded 18 "POSTFIX_STYLE_VIRTUAL_DOMAINS are compared in lower case; before: exactly";
    PostfixSiteAddress 21 "virtual-mailman has the site list's address in each domain";
    PostfixSiteCommented 22 "but as a comment in the site list's own domain, and with the local domain";
    PostfixSiteOwner 24 "and its -owner address";
    PostfixSiteBounces 30 "and its -bounces and -request addresses";
    PostfixMapsReadable 25 "mode and owner of Postfix's maps are put right; before: left as they are";
    GenaliasesWithoutMta 14 "genaliases says that there is nothing to do where MTA is None, and ends with 2; before: a traceback";

    CheckdbsUnsubscriptions 15 "checkdbs tells of those who wait to leave; before: of other requests only";
    FixUrlLocks 14 "fix_url locks the list where it is not; before: it cannot save it then";
    ReminderAutoSubmitted 16 "password reminders carry Auto-Submitted";

    // The incoming runner's verdicts
    DiscardLogsHandler 19 "vette's discard line names list and handler (with a stray quote); before: message id only";
    RejectLogged 16 "a rejected message leaves a vette line; before: none";

    // Out, retry, news, archive runners
    DeliverAfter 26 "retries wait for DELIVERY_RETRY_WAIT; before: every pass of the retry runner";
    ArchiveInListLanguage 23 "archives and their notes are made in the list's language; before: in the poster's";
    NewsEmptySubjectNamed 22 "an empty subject becomes (no subject) for news; before: it stays";
    NewsOnlyTargetGroup 21 "Newsgroups is replaced by the list's group; before: the group is appended";
    NewsOriginalIdsKept 22 "replaced Message-ID and References are kept in X-Mailman-Original-; before: forgotten";
    NewsSubjectHeaderCapital 15 "the rewritten header is named Subject; before: subject";

    // Bounce runner
    BounceSiblingLists 14 "a bounce from no member is tried on the regular_include_lists; before: ignored";
    BounceOwnerNoticeOnIncrement 19 "owners may be told of each counted bounce";
    BounceWarningNoPrecedence 15 "warnings to disabled members carry no Precedence; before: bulk";
    ProbeMemberGoneIgnored 24 "a probe's bounce for somebody who left is ignored; before: it raises";
    ProbeNeedsNoBounceInfo 21 "a probe's bounce counts without a bounce record; before: it raises";
    CookieForEveryDisabledMember 16 "disabled members get a fresh cookie with each notice; before: the stored one";

    // SpamDetect
    FromIsListInMetadata 16 "SpamDetect sets from_is_list to 0 for every post";
    DmarcModeration 18 "dmarc_moderation_action; the look-up runs before the approved test";
    DmarcInSpamDetect 19 "DMARC is handled in SpamDetect; before: in Moderate";
    DmarcNoneAction 21 "dmarc_none_moderation_action";
    DmarcModerationAddresses 30 "dmarc_moderation_addresses";
    DmarcSubdomainPolicy 22 "sp= counts for the organisational domain";
    DmarcFailureProhibits 25 "a failed DNS query counts as prohibited; before: as not";
    MemberVerbosity 21 "members who post too often are moderated";
    FilterRulesUnicode 23 "header filter rules match normalised unicode; before: bytes of the folded header";
    FilterInvalidPatternLogged 19 "an invalid filter pattern is logged; before: it raises";
    FilterReasonNamesPattern 26 "the hold reason is Header matched regexp: P; before: a fixed sentence";

    // Approve
    ApproveXHeaders 14 "X-Approved and X-Approve count too";
    ApproveProcessedWhenApproved 14 "the password line is removed even if approved already; before: kept";
    ApproveRejectsHiddenPassword 15 "a password visible only after stripping tags is rejected";
    ApprovePosterPassword 15 "the poster's password is accepted";
    ApproveWideBlanks 15 "byte 0xA0 and blanks may stand between name and password in other parts";

    // Moderate
    ModerateUsenetPosts 17 "posts from usenet pass the moderation tests; before: accepted";
    EquivalentDomains 19 "equivalent_domains find the member";
    ModerateRejectNewDefault 15 "the newer wording of the default reject notice";
    BadRegexpLogged 15 "an invalid pattern in an address list is logged; before: silent";
    AddressListsByHelper 15 "address lists match through one helper that also takes @list; before: own loops";

    // Hold
    HoldNoticeFromOwner 15 "the hold notice comes from L-owner; before: from L-bounces";
    HoldMissingSender 15 "a held message without a sender is kept as of `<missing>`; before: of nobody";
    HoldNonmemberNotice 23 "nonmember_rejection_notice goes with a held non-member post";
    AdministriviaWhoOneArgument 15 "who takes at most one argument; before: two";
    HoldNoticeAutoSubmitted 15 "confirmations carry Auto-Submitted";
    LanguageRestoredAfterNotice 18 "a notice does not change the language of what follows; before: it does";

    // MimeDel, Scrubber, Tagger, CalcRecips, AvoidDuplicates
    CollapseNestedAlternatives 14 "multipart/alternative collapses at any depth; before: one level";
    RecastSinglePart 15 "a multipart left with one part becomes that part";
    SignedNotRecast 22 "but not multipart/signed";
    ScrubAttachedTextOnly 35 "text/plain is saved when it is an attachment; before: with any disposition";
    ScrubNameLimit 34 "attachment names are cut at 240 characters";
    ScrubJoinsAlways 15 "text parts are joined whatever the sanitizer; before: not with 2";
    TaggerDecodesHeaders 15 "Subject and Keywords are decoded before topics match; before: raw";
    TaggerDecodesBody 30 "header-like lines for topics come from the decoded body; before: from the raw one";
    RegularExcludeIgnore 15 "an exclude list counts only if the sender is a member there";
    DropCc 30 "Cc is changed only if drop_cc and somebody was dropped; before: always rebuilt";

    // Cleanse, CleanseDKIM
    CleanseXApproved 14 "X-Approved and X-Approve are removed";
    CleanseOriginalSender 21 "original_sender is set before anything is removed; before: CookHeaders sets it";
    CleanseKeepHeaders 17 "anonymous lists keep only ANONYMOUS_LIST_KEEP_HEADERS";
    CleanseOrganization 19 "anonymous lists lose Organization and X-Envelope-From";
    DkimRemovalLevels 16 "REMOVE_DKIM_HEADERS is a level; before: yes or no";
    DkimRenamed 23 "level 3 keeps renamed copies";
    DkimRemovedOnAnonymous 21 "anonymous lists lose DKIM headers always";

    // CookHeaders
    FromIsList 16 "from_is_list: munged From, changes kept for WrapMessage";
    CcOriginalFrom 19 "a munged From that went nowhere else goes to Cc; before: always to Reply-To";
    ContinuationBlank 21 "headers of ours continue with a blank; before: a tab";
    ListHeadersContinueWithBlank 15 "long List- headers break at comma, newline, blank; before: tab";
    ListArchiveSlash 15 "List-Archive ends in a slash; before: not";
    ListIdBrackets 30 "an empty encoded description leaves List-Id in brackets alone";
    PrefixCollapsesRe 21 "blanks are allowed before Re: when the prefix is put in";
    PrefixReWithBlank 15 "Re : and its kin are taken as Re:";
    SubjectStripped 21 "the subject is stripped at both ends; before: tested only";
    UndecodableTextLogged 21 "a list text that is not of its charset is logged and left out of headers; before: it raises";
    PrefixChunkSpacing 21 "blanks between encoded words of prefix and subject follow the newer rules";

    // Digests
    DigestSizeZeroOff 16 "digest_size_threshhold 0 never sends by size; before: always";
    DigestTextRecoded 24 "digest texts are recoded to what their charset is called on the wire; before: as they are";
    DigestFooterSection 15 "the plain digest's footer is a section of its own; before: plain text";

    // Delivery
    SenderHeaderSetting 14 "include_sender_header decides about Sender; before: always";
    SenderWithName 15 "Sender carries the list's name; before: the address alone";
    SenderRemovedLast 14 "Errors-To is set before Sender; before: Sender, then Errors-To";
    RcptBase64Header 24 "RCPT_BASE64_HEADER_NAME";
    FooterBlankIsNone 24 "a white-space header or footer is none; before: added";
    FooterFinalNewline 24 "a header or footer always ends in a newline";

    // Notices, commands, subscriptions
    ReplyIncludeLevel 15 "RESPONSE_INCLUDE_LEVEL; before: the whole original";
    DiscardWithoutCommand 15 "a message without a command is discarded; before: answered with the help";
    CommandSubjectDropsNonAscii 21 "other than ASCII is dropped from a command Subject; before: the Subject is skipped";
    CommandBodyRecoded 35 "the body is recoded to the language's charset before commands are read";
    CommandSubjectRetries 20 "line 0 is tried after its last colon, then the next word; before: without the first";
    CommandFinalDotCaught 20 "a command with a dot behind it is unknown; before: it raises";
    CommandNulCaught 22 "a word with a zero byte is no command; before: it raises";
    ConfirmSaysWhich 15 "Confirmation succeeded names Approve or Discard";
    ConfirmExpiredNewText 15 "the newer wording for a cookie that is gone";
    ConfirmDropsApprovedLines 15 "Approved: lines are not shown as unprocessed; before: they are";
    WhenceInAdminNotices 27 "owners' notices of joins and leaves say from where";
    ApprovedLineWithList 18 "vette's approved line begins with the list";
    OwnerNoticePrecedence 18 "owners' notices carry Precedence: list; before: bulk";
    BannedLogsWhence 21 "the banned line says from whom";
    GlobalBanList 21 "GLOBAL_BAN_LIST";
    RefuseSecondPending 30 "REFUSE_SECOND_PENDING";
    WelcomeInMemberLanguage 19 "a welcome's subject is in the member's language; before: in the one of now";
    EveryBanLogged 23 "bans are also logged when they stop what was confirmed or is done by the owners";
    SubscribeAutoApproval 19 "subscribe_auto_approval";
    ValidEmailStrict 15 "addresses with quotes, colons or odd domain labels are refused; before: some accepted";
    ChangeAddressLogged 19 "the subscribe log shows changed addresses";
    AddMembersWhence 16 "bin/add_members is logged as such";

    // Web pages
    CookiesRefreshed 15 "a good cookie is made anew with every request, and is secure where web_page_url is; before: as it was";
    CsrfTokenOnAdmin 15 "the forms of admin carry a token; before: none";
    CsrfTokenOnAllForms 23 "the forms of admindb, edithtml and options too";
    // What owners set
    LogoutEndsSite 15 "a logout from admin ends the site's cookie too; before: the list's alone";
    AddressChangePage 20 "owners have a page that changes a member's address";
    SyncPage 30 "owners have a page that makes the members those of a text";
    ChunksKeepSearch 18 "links to other pieces of a letter keep what is looked for; before: they forget it";
    TextAreaExact 28 "entities in a text to be changed stay entities; before: they become characters";
    SuspiciousHtmlMore 27 "a list's HTML may not hold words of newer browsers' events; before: older ones";

    AdmindbLogout 15 "admindb has a link to log out, and .../LIST/logout does";
    RequestTimeShown 25 "a request to join is shown with its time";
    ExcerptDecoded 14 "a held post's text is shown decoded, whole lines of it; before: as it was sent, cut at the limit";
    SenderFilterChecked 16 "only valid addresses are put on sender filters or banned; before: any";
    ShownPostsOnly 14 "a decision about a sender reaches the posts that the page showed; before: all of that sender";
    LatestRequestCounts 25 "of several requests to join of one address the latest is shown; before: the first";
    HeldPostsByTime 16 "held posts of a sender are shown by time; before: by number";

    // Messages
    SenderFromRawHeader 15 "get_sender reads the raw header; before: the decoded one";

    // Bounce detectors
    DsnAnywhere 15 "DSN looks at every delivery-status part of the tree; before: at known places";
    DsnErrorAction 30 "DSN takes Action: error as failed";
    QmailMoreIntros 15 "Qmail knows one introduction more";
    YahooMorePatterns 31 "Yahoo knows more start and end lines";
    SimpleMatchValid 30 "SimpleMatch drops addresses of unlikely form, hyphenated domains among them";
    SimpleMatchMore 20 "SimpleMatch knows five patterns more";
    SimpleWarningMore 18 "SimpleWarning knows one pattern more";

    // Archiver
    ArchiveDateGuess 22 "an article's date must be sane, more headers are tried; before: Date, then the last one";
    ArchiveSubjectNoBlanks 14 "threading compares subjects without white space; before: stripped";
    ArchiveThreadBySubject 14 "threads join by References of the volume and by subject; before: In-Reply-To";
    ArchiveEmptySubjectNamed 19 "an article of nothing but Re: is shown as No subject; before: as nothing";
    ArchiveBrokenTemplateLogged 16 "a broken archive template is logged; before: silent";
    ArchiveMessageIdInTemplate 16 "article.html may show message_id; before: no such value";

    // Pages
    InvitationNeedsNobody 27 "the page for an accepted invitation does not speak of a moderator; before: by the policy";
    PageNotFound 14 "a page of a list that does not exist has status 404; before: 200";
    PageUnauthorized 14 "a page after a wrong password has status 401; before: 200";
    PrivateFileNotFound 15 "a file that the archive does not have is a 404; before: 200";
    PageLogNamesProgram 18 "error lines about unknown lists begin with the program's name; before: not all";
    PageRemoteForwarded 21 "log lines take the client from forwarding headers; before: from REMOTE_HOST";
    PathAttackNamesRemote 27 "the line about a malformed path names domain and client; before: neither";
    LongListNameCut 28 "a list name longer than all that exist is logged and cut; before: neither";
    AuthFailuresLogged 27 "a wrong password is a line of the security log";
    FooterOwnerAddress 25 "pages name L-owner; before: the owners' own addresses";
    DescriptionEscaped 14 "tags in descriptions are shown as text; before: they count, here as far as they are harmless";
    OverviewHostWithPort 19 "overviews show lists whose address has a port; before: not";
    SubscribeFormProtected 16 "the subscribe form may have a token; questions since 2.1.30";
    SubscribeTokenByNetwork 21 "a subscribe form's token is good for the client's network; before: for its address";
    SubscribeTokenSeparated 27 "colons separate what a subscribe form's token is made of; before: nothing";
    SubscribeStripped 15 "blanks around address and password of the subscribe form do not count";
    EdithtmlMasthead 15 "masthead.txt can be edited on the web";
    EdithtmlMore 23 "thirteen more templates can be edited on the web";
    EdithtmlLanguages 28 "templates can be edited in each of the list's languages; before: in its own";
    OptionsOfStrangers 38 "whoever asks for the options of an address that is not on a list with a private roster gets no answer; before: a member's";
    OptionsUnsubWhence 14 "who asks on the options page to leave is told from where it was asked; before: not";
    OptionsWithoutDigests 21 "the options page leaves digests out where a list has none; before: not";
    LoginStripped 15 "blanks around address and password do not count on the roster's and the archive's login; before: they do";
    RosterCasePreserved 25 "the roster shows addresses as their owners write them; before: in lower case";
    PrivateMboxLogin 14 "the login page of an archive's mbox leads on to the mbox; before: to a file that is not there";
    PrivateReminder 15 "the private archive's login page mails a forgotten password; before: it does not";
    PrivacyAlertOptional 34 "WARN_MEMBER_OF_SUBSCRIBE says whether members hear of a probe; before: always";
}
