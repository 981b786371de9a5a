package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.BlobOffer;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.storage.FileBlobStore;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobExpectation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkspaceTest {
  private static final int LIMIT = 10;

  @TempDir Path folder;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private BlobCache blobs;

  @BeforeEach
  void openBlobs() throws IOException {
    Path store = folder.resolve("blobs");
    blobs = new BlobCache(FileBlobStore.open(store), store, LIMIT, () -> now);
  }

  @AfterEach
  void closeBlobs() throws IOException {
    blobs.close();
  }

  @Test
  void filesLieWhereTheScenesPathsSay() throws Exception {
    SceneOrder order =
        order(
            Map.of(
                "project/a b/ü.blend", put("one"),
                "ext_deps/C_/tex/'wall'.png", put("two")),
            "project/a b/ü.blend");
    WorkspacePaths.check(order);
    try (Workspace workspace = Workspace.layOut(room(), order, blobs)) {
      assertThat(workspace.blend()).hasContent("one");
      assertThat(workspace.dependenciesFolder().resolve("C_/tex/'wall'.png")).hasContent("two");
    }
    assertThat(workspaces()).isEmpty();
  }

  @Test
  void aBlobThatASceneHasWrittenToIsThrownAway() throws Exception {
    String good = put("one");
    String spoilt = put("two");
    SceneOrder order = order(Map.of("project/a", good, "project/b", spoilt), "project/a");
    try (Workspace workspace = Workspace.layOut(room(), order, blobs)) {
      Files.writeString(workspace.projectFolder().resolve("b"), "something else");
    }

    assertThat(lacking(List.of(new BlobId(good), new BlobId(spoilt))))
        .containsExactly(new BlobId(spoilt));
  }

  @Test
  void aMissingBlobLeavesNothingBehind() throws Exception {
    SceneOrder order =
        order(Map.of("project/a", put("one"), "project/b", "ab".repeat(32)), "project/a");

    assertThatThrownBy(() -> Workspace.layOut(room(), order, blobs))
        .isInstanceOf(IOException.class);
    assertThat(workspaces()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "project/../x",
        "project/a/../../../x",
        "/project/a",
        "project",
        "project//a",
        "project/./a",
        "elsewhere/a",
        "ext_deps\\a",
        "project/a\u0000b"
      })
  void pathsThatLeadElsewhereAreRefused(String path) {
    Map<String, String> files = new HashMap<>();
    files.put("project/scene.blend", "ab".repeat(32));
    files.put(path, "cd".repeat(32));

    assertThatThrownBy(() -> WorkspacePaths.check(order(files, "project/scene.blend")))
        .isInstanceOf(InvalidFieldException.class);
  }

  @Test
  void aFileCannotBeTheFolderOfAnother() {
    Map<String, String> files =
        Map.of("project/a", "ab".repeat(32), "project/a/b", "cd".repeat(32));

    assertThatThrownBy(() -> WorkspacePaths.check(order(files, "project/a")))
        .hasMessageContaining("project/a");
  }

  @Test
  void blobsBeyondTheLimitGoWhenNobodyAskedForAnHour() throws Exception {
    BlobId first = new BlobId(put("0123456"));
    blobs.retain(List.of(first));
    BlobId second = new BlobId(put("abcdefg"));
    BlobId third = new BlobId(put("ABCDEFG"));
    List<BlobId> all = List.of(first, second, third);
    assertThat(lacking(all)).as("all are young").isEmpty();

    now = now.plus(Duration.ofMinutes(61));
    assertThat(lacking(List.of(third))).isEmpty();
    blobs.release(List.of());
    assertThat(lacking(all)).as("retained, old, just asked for").containsExactly(second);

    now = now.plus(Duration.ofMinutes(61));
    blobs.release(List.of(first));
    assertThat(lacking(all)).containsExactlyInAnyOrder(second, first);
  }

  private BlenderRoom room() throws IOException {
    return BlenderRoom.create(folder.resolve("rooms"), Optional.empty());
  }

  private List<Path> workspaces() throws IOException {
    try (var found = Files.walk(folder.resolve("rooms"))) {
      return found.filter(path -> path.endsWith("workspace")).toList();
    }
  }

  private String put(String content) throws IOException {
    Blob blob =
        blobs.put(
            new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)),
            BlobExpectation.NONE);
    return blob.id().sha256();
  }

  private static SceneOrder order(Map<String, String> files, String project) {
    return new SceneOrder(
        project,
        Optional.empty(),
        Optional.empty(),
        files,
        Optional.empty(),
        Optional.empty(),
        true,
        false);
  }

  private List<BlobId> lacking(List<BlobId> ids) throws IOException {
    return blobs.missing(ids.stream().map(id -> new BlobOffer(id.sha256(), 1)).toList()).stream()
        .map(missing -> new BlobId(missing.sha256()))
        .toList();
  }
}
