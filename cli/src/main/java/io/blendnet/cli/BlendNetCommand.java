package io.blendnet.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
    name = "blendnet",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header = "Renders Blender scenes on a farm of machines.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the render failed",
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
