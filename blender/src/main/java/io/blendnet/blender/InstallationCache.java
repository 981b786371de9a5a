package io.blendnet.blender;

import io.blendnet.blender.BlenderInstallation.Kind;
import io.blendnet.domain.BlenderVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What programs answered when they were asked who they are, kept in a file, since asking takes a
 * second. Valid while path, size and time of change of the program are the same. A lost or broken
 * file costs that second, nothing else.
 */
final class InstallationCache {
  private static final Logger log = LoggerFactory.getLogger(InstallationCache.class);
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final HostSystem host;
  private final Path file;

  InstallationCache(HostSystem host, Path file) {
    this.host = host;
    this.file = file;
  }

  Optional<BlenderInstallation> find(Path executable, Kind kind) {
    JsonNode entry = read().path(executable.toString());
    try {
      if (!entry.isObject() || !entry.path("stamp").asString("").equals(stamp(executable))) {
        return Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return BlenderVersion.find(entry.path("version").asString(""))
        .filter(_ -> entry.path("kind").asString("").equals(kind.name()) && entry.has("folders"))
        .map(version ->
            new BlenderInstallation(
                executable,
                kind,
                version,
                entry.path("version_string").asString(""),
                entry.path("build_date").asString(""),
                entry.path("denoising").asBoolean(false),
                SessionJson.paths(entry.path("folders"))));
  }

  void put(BlenderInstallation installation) {
    try {
      ObjectNode all = read();
      ObjectNode entry = all.putObject(installation.executable().toString());
      ArrayNode folders = entry.putArray("folders");
      installation.folders().forEach(folder -> folders.add(folder.toString()));
      entry
          .put("stamp", stamp(installation.executable()))
          .put("kind", installation.kind().name())
          .put("version", installation.version().toString())
          .put("version_string", installation.versionString())
          .put("build_date", installation.buildDate())
          .put("denoising", installation.denoising());
      write(all);
    } catch (IOException e) {
      log.warn("Cannot remember in {} which Blender this is: {}", file, e.toString());
    }
  }

  private void write(ObjectNode all) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      host.createPrivateFolder(folder);
    }
    // Several agents may start at once: each writes its own file, the last rename counts.
    Path fresh = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
    Files.deleteIfExists(fresh);
    host.createPrivateFile(fresh, MAPPER.writeValueAsBytes(all));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private ObjectNode read() {
    try {
      if (Files.isRegularFile(file)
          && MAPPER.readTree(Files.readAllBytes(file)) instanceof ObjectNode all) {
        return all;
      }
    } catch (IOException | JacksonException e) {
      log.warn("{} is not readable, and will be made anew: {}", file, e.toString());
    }
    return MAPPER.createObjectNode();
  }

  /** Of the program itself where the path is a link; an upgrade leaves the link as it is. */
  private static String stamp(Path executable) throws IOException {
    Path real = executable.toRealPath();
    return real + " " + Files.size(real) + " " + Files.getLastModifiedTime(real);
  }
}
