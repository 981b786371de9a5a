package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.blender.BlenderInstallation.Kind;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlenderFinderTest {
  @TempDir Path folder;

  @Test
  void theBlenderOnPathIsFoundAndRemembered() throws Exception {
    BlenderInstallation found = new BlenderFinder(folder.resolve("cache")).find();

    assertThat(found.executable()).isEqualTo(TestingBlender.installation().executable());
    assertThat(found.kind()).isEqualTo(Kind.EXECUTABLE);
    assertThat(found.versionString()).startsWith(found.version().major() + ".");
    assertThat(folder.resolve("cache")).isDirectoryContaining("glob:**/blenders.json");
    assertThat(new BlenderFinder(folder.resolve("cache")).find()).isEqualTo(found);
    try (var left = Files.list(folder.resolve("cache"))) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void aProgramIsAskedOnceUntilItChanges() throws Exception {
    Path log = folder.resolve("log");
    Path peer = TestingPeer.create(folder, "echo started >> '" + log + "'; read line").executable();
    BlenderFinder finder = new BlenderFinder(folder.resolve("cache"));

    BlenderInstallation first = finder.findAt(peer);
    BlenderInstallation again = new BlenderFinder(folder.resolve("cache")).findAt(peer);
    assertThat(again).isEqualTo(first);
    assertThat(log).content().isEqualTo("started\n");

    Files.setLastModifiedTime(peer, FileTime.fromMillis(1));
    assertThat(finder.findAt(peer)).isEqualTo(first);
    assertThat(log).content().isEqualTo("started\nstarted\n");
  }

  @Test
  void aBrokenMemoryIsMadeAnew() throws Exception {
    Path peer = TestingPeer.create(folder, "read line").executable();
    Path cache = Files.createDirectory(folder.resolve("cache"));
    Files.writeString(cache.resolve("blenders.json"), "{\"half a fi");

    assertThat(new BlenderFinder(cache).findAt(peer).versionString()).isEqualTo("3.4.1");
    assertThat(cache.resolve("blenders.json")).content().contains("3.4.1");
  }

  @Test
  void aFolderWithBlenderInItWillDo() throws Exception {
    Path peer = TestingPeer.create(folder, "read line").executable();
    Files.move(peer, folder.resolve("blender"));

    assertThat(new BlenderFinder(folder.resolve("cache")).findAt(folder).executable())
        .isEqualTo(folder.resolve("blender"));
  }

  @Test
  void aConfiguredBlenderThatDoesNotWorkIsNamedWithWhatItSaid() throws Exception {
    Path peer = TestingPeer.createSilent(folder, "echo 'I am a teapot.'; exit 3").executable();
    BlenderFinder finder = new BlenderFinder(folder.resolve("cache"));

    assertThatThrownBy(() -> finder.findAt(peer))
        .isInstanceOf(BlenderNotFoundException.class)
        .hasMessageContainingAll(peer.toString(), "exit code 3", "I am a teapot.");
    assertThatThrownBy(() -> finder.findAt(folder.resolve("none")))
        .isInstanceOf(BlenderNotFoundException.class)
        .hasMessageContaining(folder.resolve("none").toString());
    assertThatThrownBy(() -> finder.findAt(folder))
        .isInstanceOf(BlenderNotFoundException.class)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void whereThereIsNoneTheMessageSaysWhereWeLookedAndWhatToDo() {
    HostSystem bare = new HostWithNames(List.of("no-such-blender"), List.of("no-such-python"));

    assertThatThrownBy(() -> new BlenderFinder(bare, folder).find())
        .isInstanceOf(BlenderNotFoundException.class)
        .hasMessageContainingAll("PATH", "bpy", "apt-get install blender");
  }

  @Test
  void aPythonWithoutTheModuleIsNoBlender() throws Exception {
    Path python =
        Executables.onPath(List.of("python3")).stream()
            .findFirst()
            .orElseThrow(() -> new AssertionError("Blender's own packages bring python3"));

    assertThatThrownBy(() -> new BlenderFinder(folder.resolve("cache")).findAt(python))
        .isInstanceOf(BlenderNotFoundException.class)
        .hasMessageContaining("bpy");
  }

  @Test
  void everyScriptOfOursIsCarried() throws IOException, URISyntaxException {
    Path resources =
        Path.of(Objects.requireNonNull(BlenderFinder.class.getResource("session.py")).toURI());

    try (var files = Files.list(Objects.requireNonNull(resources.getParent()))) {
      assertThat(files.map(file -> file.getFileName().toString()).filter(n -> n.endsWith(".py")))
          .containsExactlyInAnyOrderElementsOf(SessionScripts.NAMES);
    }
  }
}
