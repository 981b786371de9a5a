package io.blendnet.cli;

import io.blendnet.blender.SceneFile;
import io.blendnet.blender.SceneFiles;
import io.blendnet.domain.SceneFacts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A scene as Blender on this computer opened it.
 *
 * @param blend absolute
 * @param frames that were asked for, in the order of {@link SceneFiles#pictures()}
 */
record InspectedScene(Path blend, List<Integer> frames, SceneFacts facts, SceneFiles contents) {

  /** What has to be sent beside the .blend. */
  List<Path> filesToSend() {
    return contents.files().stream()
        .filter(file -> file.exists() && !file.packed())
        .map(file -> Path.of(file.path()))
        .filter(file -> !file.equals(blend))
        .toList();
  }

  String pictureName(int frame) {
    return contents.pictures().get(frames.indexOf(frame));
  }

  /**
   * Refuses to go on without what the scene needs.
   *
   * @return what the user should know when the work goes on all the same
   */
  List<String> check(boolean allowMissing, boolean trustScripts) throws CommandException {
    var remarks = new ArrayList<String>(facts.warnings());
    List<SceneFile> missing =
        contents.files().stream().filter(file -> !file.exists() && !file.packed()).toList();
    if (!missing.isEmpty()) {
      String list =
          missing.stream()
              .map(file ->
                  "  %s (%s%s)"
                      .formatted(
                          file.path(),
                          file.kind(),
                          file.neededBy().isEmpty() ? "" : ", needed by " + file.neededBy()))
              .collect(Collectors.joining("\n"));
      String count = ProgressText.count(missing.size(), "file") + " that the scene needs";
      if (!allowMissing) {
        throw CommandException.failed(
            "%s: %s cannot be found:%n%s%nPut them there, or mend the paths in Blender (File > External Data >"
                    .formatted(blend, count, list)
                + " Find Missing Files), or render without them by --allow-missing.");
      }
      remarks.add("Renders without %s:%n%s".formatted(count, list));
    }
    if (!contents.scripts().isEmpty() && !trustScripts) {
      remarks.add(
          "Scripts and drivers in the .blend do not run, so the picture may differ from yours: %s. Where you trust"
                  .formatted(String.join(", ", contents.scripts()))
              + " the file, --trust-scripts lets them run.");
    }
    return List.copyOf(remarks);
  }
}
