/** The shells that `usher completion` writes a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/**
 * The script that makes a shell ask `usher __complete` for what fits. It runs the `usher` of the PATH, else the one at
 * `program`: an alias is unknown to completions.
 */
export function completionScript(shell: Shell, program: string): string {
  return SCRIPTS[shell](`'${program.replaceAll("'", shell === 'fish' ? String.raw`\'` : String.raw`'\''`)}'`);
}

const SCRIPTS: Readonly<Record<Shell, (program: string) => string>> = {
  bash: (program) => String.raw`# Completions of usher for bash. In ~/.bashrc: source <(usher completion bash)
_usher() {
  local line program words=("${'${COMP_WORDS[@]:1:COMP_CWORD}'}")
  program=$(type -P usher) || program=${program}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == @directories ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "${'${COMP_WORDS[COMP_CWORD]}'}")
      return
    fi
    COMPREPLY+=("${"${line%%$'\\t'*}"}")
  done < <("$program" __complete --split -- "${'${words[@]}'}" 2>/dev/null)
}
complete -F _usher usher
`,
  zsh: (program) => String.raw`#compdef usher usher.js
# Completions of usher for zsh. In ~/.zshrc, after compinit: source <(usher completion zsh)
# Of usher.js too, because zsh looks behind an alias.
_usher() {
  local line program=${'${commands[usher]:-'}${program}}
  local -a found
  for line in "${'${(@f)$("$program" __complete -- "${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}'}"; do
    if [[ $line == @directories ]]; then
      _directories
      return
    fi
    [[ -n $line ]] && found+=("${"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}"}")
  done
  _describe -t usher usher found
}
if [[ $funcstack[1] == _usher ]]; then _usher "$@"; else compdef _usher usher usher.js; fi
`,
  fish: (
    program,
  ) => String.raw`# Completions of usher for fish. usher completion fish > ~/.config/fish/completions/usher.fish
function __usher_complete
    set -l program usher
    command -q usher; or set program ${program}
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    set -l found ($program __complete -- $words "$current" 2>/dev/null)
    if test "$found[1]" = @directories
        __fish_complete_directories "$current"
        return
    end
    printf '%s\n' $found
end
complete -c usher -f -a '(__usher_complete)'
`,
};
