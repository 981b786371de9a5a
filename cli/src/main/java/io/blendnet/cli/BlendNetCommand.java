package io.blendnet.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
    name = "blendnet",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header = "Renders Blender scenes on a farm of machines.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      RenderCommand.class,
      TaskCommand.class,
      ManagerCommand.class,
      AgentCommand.class,
      BackupCommand.class,
      WarmUpCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet demo                            the example, on this computer",
      "  blendnet render castle.blend --frame 7   a scene of yours",
      "  blendnet task list                       what a farm is at",
      "  blendnet COMMAND --help                  more about a command"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the render failed, or the Manager refused a change",
      "2:wrong arguments or configuration",
      "3:this computer, the network or a server lacks something",
      "130:ended by Ctrl-C"
    })
final class BlendNetCommand implements Runnable {
  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
