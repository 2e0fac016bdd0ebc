//! The command line.

use clap::Parser;
use step_01_capture::program::arguments::CommonArguments;
use step_02_peer::labs::mystery::MysteryArguments;
use step_03_ice::IceArguments;
use step_03_ice::capture::capture_arguments::CaptureArguments;
use step_03_ice::report::report_arguments::ReportArguments;

use crate::http::broadcast::BroadcastArguments;
use crate::labs::Lab;

/// Step 05: two videos, three buttons, one call
#[derive(Parser)]
#[command(name = "step-05-full")]
pub struct Arguments {
    /// The options of every step.
    #[command(flatten)]
    pub common: CommonArguments,

    /// Where the report goes.
    #[command(flatten)]
    pub report: ReportArguments,

    /// Where packets are captured.
    #[command(flatten)]
    pub capture: CaptureArguments,

    /// Break one thing on purpose and see what happens; --lab list names them
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Lab>, conflicts_with_all = ["serve", "publish", "watch"])]
    pub lab: Option<Lab>,

    /// The question of a lab.
    #[command(flatten)]
    pub mystery: MysteryArguments,

    /// STUN and TURN servers.
    #[command(flatten)]
    pub ice: IceArguments,

    /// A call with another program.
    #[command(flatten)]
    pub broadcast: BroadcastArguments,
}

impl AsRef<CommonArguments> for Arguments {
    fn as_ref(&self) -> &CommonArguments {
        &self.common
    }
}
