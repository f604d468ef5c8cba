# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_mailman2_rs_global_optspecs
    string join \n h/help
end

function __fish_mailman2_rs_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_mailman2_rs_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_mailman2_rs_using_subcommand
    set -l cmd (__fish_mailman2_rs_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "qrunner" -d 'Run one or more queue runners, once or for ever'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "mailmanctl" -d 'Start, stop, restart the queue runners of a site'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "arch" -d 'Make the archive of a list from its mbox'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "mmarch" -d 'Make the archive of a list from its mbox'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "cleanarch" -d 'Escape lines of an mbox that begin no message'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "survey" -d 'Show what is on this site, and what would stop a switch to our runners'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "verify" -d 'Decode every pickle of a site twice; account for every queued message'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "switch" -d 'Put our runners in the place of Python\'s'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "back" -d 'Put Python\'s runners back'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "collect" -d 'Bring all that a site is into one archive. Called again it brings what changed'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "restore" -d 'Make a site of an archive. Done again it goes on where it was stopped'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "rehearse" -d 'Work off the queued mail on a copy of the site; nothing is sent, and the site is only read'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "shadow" -d 'Compare what Python\'s runners do with what ours would do; deliver and change nothing'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "setup" -d 'Make a site on a new machine, and say what is left to do'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "newlist" -d 'Make a list'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "rmlist" -d 'Remove a list'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "genaliases" -d 'Rebuild the mail server\'s aliases from all lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "list_lists" -d 'Show the lists of a site'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "list_members" -d 'Show the members of a list'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "add_members" -d 'Add members to a list, or invite them'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "remove_members" -d 'Remove members'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "find_member" -d 'Show the lists that an address is on'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "config_list" -d 'Write the options of a list to a file, or set them'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "change_pw" -d 'Give lists new passwords'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "mmsitepass" -d 'Set the password of the site'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "sync_members" -d 'Make the members of a list those of a file'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "clone_member" -d 'Give a member a second address on all lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "list_admins" -d 'Show the owners of lists, a line a list'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "list_owners" -d 'Show the owners of lists, an address a line'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "check_db" -d 'Check whether the databases of lists can be read'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "withlist" -d 'Run a script on lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "rb-archfix" -d 'Take HTML bodies out of databases of old archives'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "b4b5-archfix" -d 'Rewrite databases of old archives'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "version" -d 'Show the Mailman version of the site'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "mailman-config" -d 'Show where a site is and which user owns it'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "check_perms" -d 'Look for files with wrong permissions'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "set_option" -d 'Set an option of several lists, as config_list names and checks it'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "set_member" -d 'Set options of members of several lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "fix_url" -d 'Move a list to another web host'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "reset_pw" -d 'Give every member of a list a new password'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "export.py" -d 'Write lists and their members as XML'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "export" -d 'Write lists and their members as XML'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "update" -d 'Do what a new version of Mailman asks for'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "transcheck" -d 'Check a translation against the English texts'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "fix_url.py" -d 'Run a script on lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "reset_pw.py" -d 'Run a script on lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "convert.py" -d 'Run a script on lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "gate_news" -d 'Fetch new articles of gated newsgroups'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "disabled" -d 'Warn members whose delivery is disabled'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "checkdbs" -d 'Tell moderators what waits for them'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "mailpasswds" -d 'Remind members of their passwords'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "nightly_gzip" -d 'Compress the plain texts of archives'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "cull_bad_shunt" -d 'Move old entries out of the queues bad and shunt'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "bumpdigests" -d 'Begin a new volume of digests'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "senddigests" -d 'Send the digests that are due by the day'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "show-settings" -d 'Show every setting of a site, its value and its origin'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "explain-bounce" -d 'Show which detector reads a bounce, and what it finds'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "status" -d 'Show what the site is doing, and what is wrong'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "queues" -d 'Show what is in the queues, what is stuck and why; hold, release, requeue, delete, retry entries'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "show_qfiles" -d 'Print the messages of queue entries'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "dumpdb" -d 'Print what a pickle or marshal file holds'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "lmtp" -d 'Accept mail for the lists by LMTP, for mail servers that start no process for a mail'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "mailman" -d 'Accept a mail for a list, as the mail server\'s aliases do'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "unshunt" -d 'Put shunted entries back into their queues'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "inject" -d 'Put a message into a queue'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "held" -d 'Show what waits for moderators, and decide about it'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "discard" -d 'Discard held messages'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "token" -d 'Tokens for programs that use the JSON interface of serve'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "serve" -d 'Serve the pages over HTTP, behind a reverse proxy'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "cgi" -d 'Answer a web server\'s request as one of Mailman\'s page programs'
complete -c mailman2-rs -n "__fish_mailman2_rs_needs_command" -f -a "demo" -d 'Make a small site in a temporary folder, send a post through it, show its pages'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand qrunner" -s r -l runner -d 'A runner that -l shows, with or without "Runner" at the end, or All; may be given several times. With SLICE (from 0) and COUNT it takes its share of the queue only; every runner of one queue must be given the same COUNT' -r -f -a "ArchRunner\t''
BounceRunner\t''
CommandRunner\t''
IncomingRunner\t''
MaildirRunner\t''
VirginRunner\t''
OutgoingRunner\t''
NewsRunner\t''
RetryRunner\t''"
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand qrunner" -s o -l once -d 'Let each runner take one entry, then end. Otherwise go on until SIGTERM or SIGINT'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand qrunner" -s l -l list -d 'Show the names of the site\'s runners'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand qrunner" -s v -l verbose -d 'Note each turn of a runner in the log qrunner'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand qrunner" -s s -l subproc -d 'For mailmanctl only: write errors to the log error, and end with a status that says whether to start the runner again'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand qrunner" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mailmanctl" -s n -l no-restart -d 'Do not restart runners that end (for debugging; with start). Before version 2.1.14 the long name is --no-start'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mailmanctl" -s u -l run-as-user -d 'Stay the user that you are. Otherwise root becomes the list user, and anybody else is refused'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mailmanctl" -s s -l stale-lock-cleanup -d 'Take over the master\'s lock if the process that held it is gone. The lock of a living process is never taken'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mailmanctl" -s q -l quiet -d 'Print errors only'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mailmanctl" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand arch" -s s -l start -d 'Begin with message N; the first one is 0' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand arch" -s e -l end -d 'End with message M. Portions are not needed: the size of the mbox does not matter' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand arch" -s q -l quiet -d 'Print no progress'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand arch" -l wipe -d 'Remove the old archive first. Otherwise the messages are added to it. After an interruption, start it again'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand arch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mmarch" -s s -l start -d 'Begin with message N; the first one is 0' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mmarch" -s e -l end -d 'End with message M. Portions are not needed: the size of the mbox does not matter' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mmarch" -s q -l quiet -d 'Print no progress'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mmarch" -l wipe -d 'Remove the old archive first. Otherwise the messages are added to it. After an interruption, start it again'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mmarch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand cleanarch" -s s -l status -d 'Print a # for every N lines' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand cleanarch" -s q -l quiet -d 'Do not show the lines that are changed'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand cleanarch" -s n -l dry-run -d 'Write no output'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand cleanarch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand survey" -l html -d 'Write a page to be shown to others, too' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand survey" -l json -d 'Print one JSON object on one line'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand survey" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand verify" -l manifest -d 'Write a manifest of every queued message' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand verify" -l against -d 'Tell what became of every message of a manifest' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand verify" -l excuse -d 'Messages of this queue may go without a proof: its runner logs no message ids (bounces, commands, news)' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand verify" -l html -d 'Write a page to be shown to others, too' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand verify" -l json -d 'One JSON object on one line'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand switch" -l program -d 'This program, where it will stay' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand switch" -l accept -d 'A finding of the survey, by the word in brackets, that is to stop nothing' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand switch" -l web -d 'The programs of cgi-bin instead of runners'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand switch" -l dry-run -d 'Only say what would be done'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand switch" -l master -d 'Also mailmanctl: our own master'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand switch" -l status -d 'Say what is in place'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand switch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand back" -l web -d 'The programs of cgi-bin instead of runners'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand back" -l dry-run -d 'Only say what would be done'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand back" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand collect" -l to -d 'The archive; - for standard output, in one pass' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand collect" -l archives -d 'How much of the lists\' archives' -r -f -a "all\t''
mboxes\t''
none\t''"
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand collect" -l machine -d 'Where the crontab, aliases and servers\' settings of the machine are looked for' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand collect" -l last -d 'The last pass: the runners must be stopped'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand collect" -l json -d 'One JSON object on one line'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand collect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l home -d 'The folder of the site here, with the places usual there (/usr/lib/mailman: the package\'s)' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l path -d 'A folder of the old machine that has another path here' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l user -d 'MAILMAN_USER here, whatever its number' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l group -d 'MAILMAN_GROUP here' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l email-host -d 'A mail host with another name here' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l url-host -d 'A web host with another name here' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l units -d 'Write unit, timers and tmpfiles.d below this root (/), where there are none' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l pages -d 'Hosts in the pages of archives too'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l live -d 'Take an archive without a last pass, for a trial'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l programs -d 'Put this program\'s commands into the site\'s bin, cron, mail and cgi-bin'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -l json -d 'One JSON object on one line'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rehearse" -l in -d 'Where the copy is made, for as long as it takes; else the usual temporary folder' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rehearse" -l limit -d 'End it after this time' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rehearse" -l html -d 'Write a page to be shown to others, too' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rehearse" -l keep -d 'Leave the copy there'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rehearse" -l archives -d 'Copy the archives too'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rehearse" -l python -d 'Let handlers and commands of the site\'s own run in its Python'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rehearse" -l json -d 'One JSON object on one line'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rehearse" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand shadow" -l to -d 'Where the reports go, three files a day' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand shadow" -l in -d 'Where the copy is kept meanwhile' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand shadow" -l cpu -d 'No more than this share of one processor' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand shadow" -l for -d 'End it after this time' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand shadow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand setup" -l email-host -d 'The domain of the lists\' addresses' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand setup" -l url-host -d 'The host of the web pages; else the same' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand setup" -l owner -d 'Who gets mail about the site and its first list' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand setup" -l password-file -d 'The password of the site is the first line of this file' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand setup" -l list -d 'A first list' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand setup" -l mta -d 'postfix, manual, exim or lmtp; else postfix where it is installed, or manual' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand setup" -l https -d 'Pages are served by https'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand setup" -l batch -d 'Ask nothing: what is missing is an error'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand setup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand newlist" -s l -l language -d 'The list\'s language, such as de' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand newlist" -s u -l urlhost -d 'The host of the list\'s web pages' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand newlist" -s e -l emailhost -d 'The host of the list\'s mail' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand newlist" -s q -l quiet -d 'Neither ask whether to notify the owner nor do so'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand newlist" -s a -l automate -d 'Notify the owner without asking (Mailman 2.1.20 and newer)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand newlist" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rmlist" -s a -l archives -d 'Remove the list\'s archives too, also those of a list that is already gone'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rmlist" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand genaliases" -s q -l quiet -d 'With MTA = \'Manual\': leave out what to do with the lines'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand genaliases" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_lists" -s V -l virtual-host-overview -d 'Only lists whose web pages are in this domain; needs VIRTUAL_HOST_OVERVIEW' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_lists" -s a -l advertised -d 'Only lists that are advertised'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_lists" -s p -l public-archive -d 'Only lists with a public archive (Mailman 2.1.16 and newer)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_lists" -s b -l bare -d 'The names alone, one a line'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_lists" -l json -d 'Print JSON, for programs (not in Mailman)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_lists" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s o -l output -d 'Write to a file instead of standard output' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s d -l digest -d 'Only members who get digests; KIND is mime or plain, and may be missing' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s n -l nomail -d 'Only members without delivery; WHY is byadmin, byuser, bybounce or unknown, or enabled for those with delivery, and may be missing' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s r -l regular -d 'Only members who get posts one by one'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s f -l fullnames -d 'With their names'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s p -l preserve -d 'Addresses as they were given; otherwise in lower case'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s m -l moderated -d 'Only members whose posts are moderated, whatever -r, -d and -n say (Mailman 2.1.21 and newer)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s M -l non-moderated -d 'Only members whose posts are not moderated (Mailman 2.1.21 and newer)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s i -l invalid -d 'Only addresses that are not valid, whatever -r, -d and -n say'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s u -l unicode -d 'Only addresses that are stored as unicode, whatever -r, -d and -n say'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -l json -d 'Print JSON, for programs (not in Mailman)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_members" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand add_members" -s r -l regular-members-file -d 'The addresses of members who get posts one by one, one a line; - is standard input' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand add_members" -s d -l digest-members-file -d 'The same for members who get digests' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand add_members" -s m -l invite-msg-file -d 'A text to stand before the invitation' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand add_members" -s w -l welcome-msg -d 'Whether members are welcomed by mail; otherwise the list\'s send_welcome_msg decides. Not for invitations' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand add_members" -s a -l admin-notify -d 'Whether the owners are told what was done; otherwise the list\'s admin_notify_mchanges decides' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand add_members" -s i -l invite -d 'Invite these people; they become members by accepting (not in old versions of Mailman)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand add_members" -s n -l nomail -d 'Disable delivery to the new members (Mailman 2.1.16 and newer; before, -n FILE is -r FILE). Not for invitations'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand add_members" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand remove_members" -s f -l file -d 'Remove the addresses of this file too, one a line; - is standard input' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand remove_members" -s a -l all -d 'Remove all members of the list'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand remove_members" -l fromall -d 'Remove the addresses from every list of the site, whatever its domain. LIST is left out then. Not with -a'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand remove_members" -s n -l nouserack -d 'Do not send a goodbye to members; otherwise the list decides'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand remove_members" -s N -l noadminack -d 'Do not notify owners; otherwise the list decides'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand remove_members" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand find_member" -s l -l listname -d 'Search this list only; may be given several times' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand find_member" -s x -l exclude -d 'Leave this list out' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand find_member" -s w -l owners -d 'Search the owners too'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand find_member" -l json -d 'Print JSON, for programs (not in Mailman)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand find_member" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand config_list" -s i -l inputfile -d 'Set the options that the file assigns. It is a Python file of which only assignments of plain values are understood; values are checked as on the web pages' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand config_list" -s o -l outputfile -d 'Write all options to the file, with a comment on each; - is standard output. Not with -i' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand config_list" -s c -l checkonly -d 'With -i: check the values, and change nothing'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand config_list" -s v -l verbose -d 'With -i: name each option that is set'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand config_list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand change_pw" -s d -l domain -d 'All lists with this mail host; may be given several times' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand change_pw" -s l -l listname -d 'This list; may be given several times' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand change_pw" -s p -l password -d 'The new password of all of them. Otherwise each list gets a random one of its own' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand change_pw" -s a -l all -d 'All lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand change_pw" -s q -l quiet -d 'Do not notify the owners'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand change_pw" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mmsitepass" -s c -l listcreator -d 'Set the password that only creates and removes lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mmsitepass" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand sync_members" -s w -l welcome-msg -d 'Whether new members are welcomed by mail; otherwise the list\'s send_welcome_msg decides' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand sync_members" -s g -l goodbye-msg -d 'Whether members who are removed get a goodbye; otherwise the list\'s send_goodbye_msg decides' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand sync_members" -s d -l digest -d 'Whether new members get digests; no without this option' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand sync_members" -s a -l notifyadmin -d 'Whether the owners are notified of each change; otherwise the list\'s admin_notify_mchanges decides' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand sync_members" -s f -l file -d 'The file, with an address a line; - is standard input. Empty lines and those that begin with # are ignored' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand sync_members" -s n -l no-change -d 'Only print what would be done'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand sync_members" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand clone_member" -s l -l listname -d 'Only this list; may be given several times' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand clone_member" -s r -l remove -d 'Remove the old address from the list'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand clone_member" -s a -l admin -d 'Do the same with the owners of the list'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand clone_member" -s q -l quiet -d 'Print nothing'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand clone_member" -s n -l nomodify -d 'Only print what would be done, even with -q'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand clone_member" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_admins" -s v -l all-vhost -d 'All lists with this mail host' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_admins" -s a -l all -d 'All lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_admins" -l json -d 'Print JSON, for programs (not in Mailman)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_admins" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_owners" -s w -l with-listnames -d 'The owners of each list below its name; otherwise all owners sorted, each once'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_owners" -s m -l moderators -d 'Moderators too'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_owners" -l json -d 'Print JSON, for programs (not in Mailman)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand list_owners" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand check_db" -s a -l all -d 'All lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand check_db" -s v -l verbose -d 'Show the state of every file; otherwise only damaged ones'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand check_db" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand withlist" -s r -l run -d 'The script: a callable of a module in the folder of this program. It gets the list and the arguments. Without MODULE, the module of the callable\'s name' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand withlist" -s l -l lock -d 'Lock the list. The script must save it, or nothing is kept'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand withlist" -s i -l interactive -d 'A prompt of Python afterwards; also without -r'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand withlist" -s a -l all -d 'On all lists; needs -r, and no LIST'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand withlist" -s q -l quiet -d 'Print no progress'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand withlist" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand rb-archfix" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand b4b5-archfix" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mailman-config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand check_perms" -s f -l fix -d 'Repair what is wrong; for root. Links are followed only to what belongs to the site'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand check_perms" -s v -l verbose -d 'Show everything that is looked at'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand check_perms" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_option" -s l -l list -d 'This list' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_option" -l all-lists -d 'All lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_option" -l add -d 'Add the values to an option that is a list of addresses'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_option" -l remove -d 'Take them away from it'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_option" -l dry-run -d 'Only say what would be done'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_option" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_member" -s l -l list -d 'This list' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_member" -l set -d 'Turn an option on; may be given several times' -r -f -a "ack\t''
digest\t''
hide\t''
mod\t''
nmtopics\t''
nodupes\t''
noremind\t''
notmetoo\t''
plain\t''"
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_member" -l clear -d 'Turn it off' -r -f -a "ack\t''
digest\t''
hide\t''
mod\t''
nmtopics\t''
nodupes\t''
noremind\t''
notmetoo\t''
plain\t''"
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_member" -l delivery -d 'Let mail come, or stop it as the admin' -r -f -a "on\t''
off\t''"
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_member" -l language -d 'One of the list\'s languages' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_member" -l password -d 'A new password' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_member" -l everybody -d 'All members'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_member" -l all-lists -d 'All lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand set_member" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand fix_url" -s u -l urlhost -d 'The web host; otherwise the site\'s own' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand fix_url" -s v -l verbose -d 'Print what is done'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand fix_url" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand reset_pw" -s v -l verbose -d 'Print what is done'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand reset_pw" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export.py" -s o -l outputfile -d 'Write to this file; - is standard output, as without this option' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export.py" -s p -l password-scheme -d 'How passwords are shown: none, plain, sha, ssha' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export.py" -s l -l listname -d 'This list; may be given several times. Otherwise all' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export.py" -l version -d 'Print the Mailman version of the site'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export.py" -s P -l list-hash-schemes -d 'Print these names'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export.py" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export" -s o -l outputfile -d 'Write to this file; - is standard output, as without this option' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export" -s p -l password-scheme -d 'How passwords are shown: none, plain, sha, ssha' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export" -s l -l listname -d 'This list; may be given several times. Otherwise all' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export" -l version -d 'Print the Mailman version of the site'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export" -s P -l list-hash-schemes -d 'Print these names'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand update" -s f -l force -d 'Even if the version has not changed, or is older than before'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand transcheck" -s q -l quiet -d 'Print the number of doubts only'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand transcheck" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand fix_url.py" -s r -l run -d 'The script: a callable of a module in the folder of this program. It gets the list and the arguments. Without MODULE, the module of the callable\'s name' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand fix_url.py" -s l -l lock -d 'Lock the list. The script must save it, or nothing is kept'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand fix_url.py" -s i -l interactive -d 'A prompt of Python afterwards; also without -r'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand fix_url.py" -s a -l all -d 'On all lists; needs -r, and no LIST'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand fix_url.py" -s q -l quiet -d 'Print no progress'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand fix_url.py" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand reset_pw.py" -s r -l run -d 'The script: a callable of a module in the folder of this program. It gets the list and the arguments. Without MODULE, the module of the callable\'s name' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand reset_pw.py" -s l -l lock -d 'Lock the list. The script must save it, or nothing is kept'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand reset_pw.py" -s i -l interactive -d 'A prompt of Python afterwards; also without -r'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand reset_pw.py" -s a -l all -d 'On all lists; needs -r, and no LIST'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand reset_pw.py" -s q -l quiet -d 'Print no progress'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand reset_pw.py" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand convert.py" -s r -l run -d 'The script: a callable of a module in the folder of this program. It gets the list and the arguments. Without MODULE, the module of the callable\'s name' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand convert.py" -s l -l lock -d 'Lock the list. The script must save it, or nothing is kept'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand convert.py" -s i -l interactive -d 'A prompt of Python afterwards; also without -r'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand convert.py" -s a -l all -d 'On all lists; needs -r, and no LIST'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand convert.py" -s q -l quiet -d 'Print no progress'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand convert.py" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand gate_news" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand disabled" -s l -l listname -d 'Only this list; may be given several times' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand disabled" -s o -l byadmin -d 'Also members whose delivery an owner has disabled'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand disabled" -s m -l byuser -d 'Also members who have disabled it themselves'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand disabled" -s u -l unknown -d 'Also members whose delivery is disabled for an unknown reason'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand disabled" -s b -l notbybounce -d 'Not members whose mail has bounced'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand disabled" -s a -l all -d 'All members whose delivery is disabled'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand disabled" -s f -l force -d 'Also members whose next warning is not due yet'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand disabled" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand checkdbs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mailpasswds" -s l -l listname -d 'Only about this list; may be given several times' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mailpasswds" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand nightly_gzip" -s v -l verbose -d 'Show each list and file'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand nightly_gzip" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand cull_bad_shunt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand bumpdigests" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand senddigests" -s l -l listname -d 'Only this list; may be given several times' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand senddigests" -s e -l exceptlist -d 'Not this list; may be given several times (Mailman 2.1.24 and newer)' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand senddigests" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand show-settings" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand explain-bounce" -l list -d 'Also try the VERP addresses of this list, and show scores' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand explain-bounce" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand status" -l every -d 'How often --watch looks' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand status" -l prometheus -d 'Write metrics to FILE (`-\': standard output), as node_exporter reads them' -r -F
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand status" -l json -d 'For programs'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand status" -l watch -d 'Again and again, on a terminal'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -l plain -d 'Lines for scripts: NAME, entries, minutes, bytes'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -l json -d 'For programs'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -f -a "of" -d 'One queue by list, or by the hosts of the recipients (out, retry)'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -f -a "stuck" -d 'What is stuck, why, and what frees it. Exit code 1 if anything is'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -f -a "show" -d 'Print one entry'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -f -a "hold" -d 'Put entries off: no runner takes them up until they are released'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -f -a "release" -d 'Let entries go that were put off'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -f -a "requeue" -d 'Put entries back to where they came from, as if they were new there'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -f -a "delete" -d 'Delete entries for good'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and not __fish_seen_subcommand_from of stuck show hold release requeue delete retry" -f -a "retry" -d 'What waits for another try: for whom, until when, and why'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from of" -l host -d 'By the hosts of the recipients'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from of" -l plain -d 'Lines for scripts: NAME, entries, minutes, bytes'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from of" -l json -d 'For programs'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from of" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from stuck" -l json -d 'For programs'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from stuck" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from hold" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from release" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from requeue" -l to -d 'Into this queue instead' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from requeue" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from retry" -l now -d 'Try these now'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from retry" -l json -d 'For programs'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand queues; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand show_qfiles" -s q -l quiet -d 'No line before each message'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand show_qfiles" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand dumpdb" -s p -l pickle -d 'The file holds pickles, whatever its name is'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand dumpdb" -s m -l marshal -d 'The file holds a marshal'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand dumpdb" -s n -l noprint -d 'Only check whether it can be read'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand dumpdb" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand lmtp" -l listen -d 'unix:/PATH, or HOST:PORT. Without it, the socket that systemd opened' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand lmtp" -l mode -d 'Who may connect to a unix socket: its permissions' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand lmtp" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand mailman" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand unshunt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand inject" -s l -l listname -d 'The list that the message is for; required' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand inject" -s q -l queue -d 'A folder of qfiles instead of in' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand inject" -s L -l showqnames -d 'Accepted, and without effect, as in Mailman'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand inject" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and not __fish_seen_subcommand_from show approve reject discard forward accept refuse" -l json -d 'One JSON array on one line: an object for each list with list and requests; a request has id, kind, sender, and where known subject, reason, since (seconds since the epoch), age (seconds) and bytes'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and not __fish_seen_subcommand_from show approve reject discard forward accept refuse" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and not __fish_seen_subcommand_from show approve reject discard forward accept refuse" -a "show" -d 'Print held posts: why they are held, headers, text'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and not __fish_seen_subcommand_from show approve reject discard forward accept refuse" -a "approve" -d 'Let posts through'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and not __fish_seen_subcommand_from show approve reject discard forward accept refuse" -a "reject" -d 'Send posts\' senders a refusal'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and not __fish_seen_subcommand_from show approve reject discard forward accept refuse" -a "discard" -d 'Throw posts and requests away'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and not __fish_seen_subcommand_from show approve reject discard forward accept refuse" -a "forward" -d 'Send copies of posts, which go on waiting'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and not __fish_seen_subcommand_from show approve reject discard forward accept refuse" -a "accept" -d 'Let people join, or leave'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and not __fish_seen_subcommand_from show approve reject discard forward accept refuse" -a "refuse" -d 'Refuse to let people join or leave'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from approve" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from reject" -l why -d 'The reason that the notice gives' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from reject" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from discard" -l preserve -d 'Keep a copy of each post for the site\'s administrator'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from discard" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from forward" -l to -d 'Who gets them' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from forward" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from accept" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from refuse" -l why -d 'The reason that the notice gives' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand held; and __fish_seen_subcommand_from refuse" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand discard" -s q -l quiet -d 'Do not print what is done'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand discard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -f -a "create" -d 'Make a token for one list, or for all, and print it: it is shown once and kept nowhere'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -f -a "list" -d 'Show the tokens that there are'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and not __fish_seen_subcommand_from create list revoke" -f -a "revoke" -d 'Take a token away'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and __fish_seen_subcommand_from create" -s l -l list -d 'This list' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and __fish_seen_subcommand_from create" -l comment -d 'What it is for' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and __fish_seen_subcommand_from create" -l all-lists -d 'All lists'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and __fish_seen_subcommand_from create" -l read-only -d 'It may look, and change nothing'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and __fish_seen_subcommand_from list" -l json -d 'As JSON'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand token; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand serve" -l listen -d 'Where to listen; a socket that systemd hands over comes first' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand serve" -l threads -d 'How many requests are answered at once [default: 8]' -r
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand cgi" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand demo" -l once -d 'End after the post, as it does where standard input is no terminal'
complete -c mailman2-rs -n "__fish_mailman2_rs_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
