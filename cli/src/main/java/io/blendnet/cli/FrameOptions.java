package io.blendnet.cli;

import io.blendnet.domain.Strategy;
import io.blendnet.protocol.TaskPriority;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of every command that renders. */
final class FrameOptions {
  @Option(
      names = "--agents",
      paramLabel = "N",
      description = "How many agents render; on this computer they share its cores.")
  private Optional<Integer> agents = Optional.empty();

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Samples a pixel instead of the scene's own.")
  private Optional<Integer> samples = Optional.empty();

  @Option(
      names = "--strategy",
      paramLabel = "HOW",
      converter = StrategyConverter.class,
      defaultValue = "auto",
      description =
          "How a frame is cut: auto, tiles, samples (fixed sampling only) or frame "
              + "(whole, on one agent). Default: auto.")
  private Strategy strategy = Strategy.AUTO;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      defaultValue = "blendnet-output",
      description = "Folder for the pictures. Default: ./blendnet-output")
  private Path output = Path.of("blendnet-output");

  @Option(
      names = "--blender",
      paramLabel = "PATH",
      description =
          "The Blender to take, or a Python that can import bpy. Default: "
              + "$BLENDNET_BLENDER, or the first one found.")
  private Optional<Path> blender = Optional.empty();

  @Option(
      names = "--json",
      description =
          "Tell everything on standard output in JSON, one event a line: note, sending, "
              + "progress, frame, and result at the end.")
  private boolean json;

  Optional<Integer> agents() {
    return agents;
  }

  boolean json() {
    return json;
  }

  Optional<Path> blender() {
    return blender;
  }

  RenderRequest request(
      Path blend,
      FrameList frames,
      TaskPriority priority,
      boolean allowMissing,
      boolean trustScripts,
      Optional<ManagerAccess> manager)
      throws CommandException {
    atLeastOne("--samples", samples);
    atLeastOne("--agents", agents);
    return new RenderRequest(
        blend.toAbsolutePath().normalize(),
        frames,
        samples,
        strategy,
        priority,
        agents,
        output.toAbsolutePath().normalize(),
        allowMissing,
        trustScripts,
        blender,
        manager,
        ManagerHome.THIS_PROCESS);
  }

  private static void atLeastOne(String option, Optional<Integer> value) throws CommandException {
    if (value.isPresent() && value.get() < 1) {
      throw CommandException.usage(option + " is at least 1, not " + value.get() + ".");
    }
  }

  /** By the names that users write. */
  static final class StrategyConverter implements ITypeConverter<Strategy> {
    @Override
    public Strategy convert(String value) {
      return Strategy.parse(value)
          .orElseThrow(() ->
              new TypeConversionException(
                  "'" + value + "' is none of auto, tiles, samples, frame"));
    }
  }

  /** By the form that {@link FrameList} knows. */
  static final class FrameListConverter implements ITypeConverter<FrameList> {
    @Override
    public FrameList convert(String value) {
      try {
        return FrameList.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
