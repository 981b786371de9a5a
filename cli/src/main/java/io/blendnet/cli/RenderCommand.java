package io.blendnet.cli;

import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.TaskPriority;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "render",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header = "Renders frames of a scene.",
    description =
        "%nSends the scene with all files that it needs to a Manager, watches its "
            + "frames being rendered, and saves the pictures. Without --manager, a farm of "
            + "this computer's own is started for that time. The scene decides about size, "
            + "format, compositor and colours.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet render castle.blend --frame 7",
      "  blendnet render castle.blend --frames 1-10,20 --samples 128 --output pictures",
      "  blendnet render castle.blend --agents 2 --strategy samples",
      "  blendnet render castle.blend --manager https://farm:8443 --password-file key"
    })
final class RenderCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SCENE", description = "The .blend file.")
  private Path scene = Path.of("");

  @ArgGroup private FrameChoice frames = new FrameChoice();
  @Mixin private FrameOptions options = new FrameOptions();
  @Mixin private ManagerOption manager = new ManagerOption();

  @Option(
      names = "--priority",
      paramLabel = "N",
      converter = PriorityConverter.class,
      defaultValue = "0",
      description =
          "How urgent this is beside what else the Manager has to do, -100 to 100. Default: 0")
  private TaskPriority priority = new TaskPriority(TaskPriority.USUAL);

  @Option(
      names = "--allow-missing",
      description = "Render even when files that the scene needs are missing.")
  private boolean allowMissing;

  @Option(
      names = "--trust-scripts",
      description = "Let scripts and drivers in the .blend run, here and on the agents.")
  private boolean trustScripts;

  /** Within the limits of {@link TaskPriority}. */
  static final class PriorityConverter implements ITypeConverter<TaskPriority> {
    @Override
    public TaskPriority convert(String value) {
      try {
        return new TaskPriority(Integer.parseInt(value));
      } catch (NumberFormatException | InvalidFieldException e) {
        throw new TypeConversionException("'%s' is not -100 to 100".formatted(value));
      }
    }
  }

  /** One frame or several. */
  static final class FrameChoice {
    @Option(
        names = {"-f", "--frame"},
        paramLabel = "N",
        converter = FrameOptions.FrameListConverter.class,
        description = "The frame to render. Default: 1")
    private Optional<FrameList> one = Optional.empty();

    @Option(
        names = "--frames",
        paramLabel = "LIST",
        converter = FrameOptions.FrameListConverter.class,
        description = "Several frames, such as 1-10,20")
    private Optional<FrameList> several = Optional.empty();

    FrameList frames() {
      return one.or(() -> several).orElse(FrameList.parse("1"));
    }
  }

  @Override
  public Integer call() throws CommandException, InterruptedException {
    var environment = System.getenv();
    return Watching.render(
        options.request(
            scene,
            frames.frames(),
            priority,
            allowMissing,
            trustScripts,
            manager.access(environment)),
        options.json(),
        environment);
  }
}
