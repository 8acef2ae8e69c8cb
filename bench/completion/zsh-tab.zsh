# What zsh makes of a line when somebody presses TAB: zsh -f zsh-tab.zsh SCRIPT LINE
# A zsh of its own runs in a pseudo-terminal, as for a person; escape sequences are taken out of what it prints.
zmodload zsh/zpty
zpty person zsh -f -i
zpty -w person "PROMPT=; bindkey -e; autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' list-prompt ''; source ${(q)1}; stty cols 200; print RE''ADY"
while zpty -r person line && [[ $line != *READY* ]]; do :; done
zpty -w -n person "$2"$'\t\t'
sleep 1
zpty -w -n person $'\C-a\C-k'"print E''ND"$'\n'
said=''
integer waits=0
while (( waits < 100 )) && [[ $said != *$'\n'END* ]]; do
  if zpty -r -t person line; then said+=$line; else (( waits++ )); sleep 0.05; fi
done
print -r -- "$said" | sed $'s/\x1b\\[[0-9;?]*[a-zA-Z]//g; s/[\r\a]//g'
zpty -d person
