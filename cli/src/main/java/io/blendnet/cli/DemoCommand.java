package io.blendnet.cli;

import io.blendnet.protocol.TaskPriority;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header = "Renders the example scene on a farm of this computer.",
    description =
        "%nStarts a Manager and two Agents that talk HTTPS on loopback, renders the "
            + "example, saves the picture and the assembled frame, and leaves nothing "
            + "running.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet demo",
      "  blendnet demo --agents 1 --samples 16",
      "  blendnet demo --strategy samples --output /tmp/pictures"
    })
final class DemoCommand implements Callable<Integer> {
  private static final int AGENTS = 2;

  @Option(
      names = {"-f", "--frame"},
      paramLabel = "N",
      converter = FrameOptions.FrameListConverter.class,
      defaultValue = "1",
      description = "The frame to render. Default: 1")
  private FrameList frame = FrameList.parse("1");

  @Mixin private FrameOptions options = new FrameOptions();

  @Override
  public Integer call() throws CommandException, InterruptedException {
    var usual = new TaskPriority(TaskPriority.USUAL);
    RenderRequest request =
        options.request(Example.find(), frame, usual, false, false, Optional.empty());
    return Watching.render(
        request.onOwnProcesses(request.agents().orElse(AGENTS)), options.json(), System.getenv());
  }
}
