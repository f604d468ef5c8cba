# Completion of mailman2-rs for bash.

_mailman2_rs() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
    local runners="ArchRunner BounceRunner CommandRunner IncomingRunner NewsRunner OutgoingRunner RetryRunner VirginRunner"
    local queues="in out virgin bounces commands news archive retry shunt bad"
    if [ "$COMP_CWORD" = 1 ]; then
        local commands
        commands=$("${COMP_WORDS[0]}" --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z0-9_.-]*\) .*/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
        return
    fi
    case "$command" in
        survey) mapfile -t COMPREPLY < <(compgen -W "--json --html --help" -- "$word") ;;
        verify) mapfile -t COMPREPLY < <(compgen -f -W "--manifest --against --excuse --html --json --help $queues" -- "$word") ;;
        collect) mapfile -t COMPREPLY < <(compgen -f -W "--to --last --archives --machine --json --help" -- "$word") ;;
        restore)
            mapfile -t COMPREPLY < <(compgen -f -W "--home --path --user --group --email-host --url-host --pages --live --units --programs --json --help" -- "$word")
            ;;
        rehearse) mapfile -t COMPREPLY < <(compgen -f -W "--in --keep --archives --python --limit --html --json --help" -- "$word") ;;
        switch)
            mapfile -t COMPREPLY < <(compgen -W "--dry-run --master --status --program --accept --help $runners" -- "$word")
            ;;
        back) mapfile -t COMPREPLY < <(compgen -W "--dry-run --help $runners" -- "$word") ;;
        queues) mapfile -t COMPREPLY < <(compgen -W "of stuck show hold release requeue delete retry --plain --json --host --to --now --help $queues" -- "$word") ;;
        status) mapfile -t COMPREPLY < <(compgen -W "--json --watch --every --prometheus --help" -- "$word") ;;
        mailmanctl) mapfile -t COMPREPLY < <(compgen -W "start stop restart reopen status" -- "$word") ;;
        held)
            mapfile -t COMPREPLY < <(compgen -W "show approve reject discard forward accept refuse --json --why --to --preserve --help" -- "$word")
            ;;
        qrunner) mapfile -t COMPREPLY < <(compgen -W "--runner= --once --list --verbose --subproc --show-settings" -- "$word") ;;
        *) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    esac
}
complete -F _mailman2_rs mailman2-rs
