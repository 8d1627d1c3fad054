//! Completions for shells, and manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Cli;
use super::destination::make_folder;
use super::exit::{Exit, Stop, printed, remark};

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  causerie completions bash > ~/.local/share/bash-completion/completions/causerie
  causerie completions zsh > ~/.zfunc/_causerie
  causerie completions fish > ~/.config/fish/completions/causerie.fish
  causerie completions powershell >> $PROFILE")]
pub(super) struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<Exit, Stop> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "causerie", &mut script);
        printed(&String::from_utf8_lossy(&script))
    }
}

/// Print the manual page, or write one a command.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  causerie man | man -l -
  causerie man -o ~/.local/share/man/man1/")]
pub(super) struct Man {
    /// Folder for a page a command. Without it the page of causerie itself is printed.
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self) -> Result<Exit, Stop> {
        let Some(folder) = &self.output else {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(Stop::output)?;
            return printed(&String::from_utf8_lossy(&page));
        };
        make_folder(folder)?;
        clap_mangen::generate_to(Cli::command(), folder).map_err(Stop::output)?;
        remark(&format!("wrote {}", folder.display()));
        Ok(Exit::Done)
    }
}
