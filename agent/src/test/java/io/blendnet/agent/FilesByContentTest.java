package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.protocol.BlobPack;
import io.blendnet.protocol.FileChecksum;
import io.blendnet.protocol.ManagerIdentity;
import io.blendnet.protocol.WireJson;
import io.blendnet.storage.Checksums;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Files that come by content, from a Manager and from users of the agent alone. */
class FilesByContentTest {
  @TempDir Path folder;

  @Test
  void aUserOfTheAgentAloneSendsContentsAndMakesThemFilesOfATask() throws Exception {
    try (TestingAgent agent = TestingAgent.startUnattached(folder)) {
      sendAndAttach(agent);
    }
  }

  private void sendAndAttach(TestingAgent agent) throws Exception {
    Path large = Files.writeString(folder.resolve("large"), "large ".repeat(1_000_000));
    byte[] small = "small".getBytes(StandardCharsets.UTF_8);
    Checksums.Sums first = Checksums.of(large);
    Path smallFile = Files.write(folder.resolve("small"), small);
    Checksums.Sums second = Checksums.of(smallFile);
    String files =
        "{\"files\":[{\"path\":\"//a.png\",\"sha256\":\"%s\"},{\"path\":\"//b.png\",\"sha256\":\"%s\"}]}"
            .formatted(first.id(), second.id());

    JsonNode refused = put(agent, "task/by%20content/files", files);
    assertThat(refused.path("type").asString()).endsWith("blobs-missing");
    assertThat(refused.path("data").path("missing").size()).isEqualTo(2);
    assertThat(json(agent, "task/by%20content").path("status").asInt()).isEqualTo(404);

    assertThat(
            json(agent, "blob/" + first.id(), "--upload-file", large.toString())
                .path("data")
                .path("sha256")
                .asString())
        .isEqualTo(first.id().sha256());
    Path pack =
        Files.write(
            folder.resolve("pack"),
            ByteBuffer.allocate(BlobPack.ENTRY_HEADER + small.length)
                .put(HexFormat.of().parseHex(second.id().sha256()))
                .putLong(small.length)
                .put(small)
                .array());
    assertThat(
            json(agent, "blob/pack", "-X", "POST", "--upload-file", pack.toString())
                .path("data")
                .path("stored")
                .asInt())
        .isEqualTo(1);
    assertThat(json(agent, "blob/missing", "-d", offer(first)).path("data").path("missing").size())
        .isZero();
    assertThat(put(agent, "task/by%20content/files", files).path("success").booleanValue())
        .isTrue();

    assertThat(json(agent, "task/by%20content/file").path("data").path("//a.png").asString())
        .isEqualTo(FileChecksum.SHA_1.of(large));
    assertThat(json(agent, "task/by%20content/file").path("data").path("//b.png").asString())
        .isEqualTo(FileChecksum.SHA_1.of(smallFile));
  }

  @Test
  void whereAManagerHasAttachedItAloneSendsFiles() throws Exception {
    try (TestingAgent agent = TestingAgent.start(folder)) {
      sendAsOthersAndAsTheOwner(agent);
    }
  }

  private void sendAsOthersAndAsTheOwner(TestingAgent agent) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "content");
    Checksums.Sums sums = Checksums.of(file);
    String owner = ManagerIdentity.HEADER + ": " + TestingAgent.manager(1, "first").header();
    String stale = ManagerIdentity.HEADER + ": " + TestingAgent.manager(1, "copy").header();
    for (String[] caller : new String[][] {{}, {"-H", stale}, {"-H", "X-BlendNet-Manager: x"}}) {
      assertThat(
              with(agent, caller, "blob/missing", "-d", offer(sums)).path("success").booleanValue())
          .isFalse();
      assertThat(
              with(agent, caller, "blob/" + sums.id(), "--upload-file", file.toString())
                  .path("success")
                  .booleanValue())
          .isFalse();
      assertThat(
              with(agent, caller, "blob/pack", "-X", "POST", "--upload-file", file.toString())
                  .path("success")
                  .booleanValue())
          .isFalse();
    }
    String[] ours = {"-H", owner};
    assertThat(
            with(agent, ours, "blob/missing", "-d", offer(sums))
                .path("data")
                .path("missing")
                .get(0)
                .path("received")
                .asLong())
        .isZero();
    assertThat(
            with(agent, ours, "blob/" + sums.id(), "--upload-file", file.toString())
                .path("success")
                .booleanValue())
        .isTrue();
    assertThat(
            with(agent, ours, "blob/missing", "-d", offer(sums))
                .path("data")
                .path("missing")
                .size())
        .isZero();
  }

  private static JsonNode with(TestingAgent agent, String[] caller, String path, String... options)
      throws Exception {
    String[] all = new String[caller.length + options.length];
    System.arraycopy(caller, 0, all, 0, caller.length);
    System.arraycopy(options, 0, all, caller.length, options.length);
    return json(agent, path, all);
  }

  private static String offer(Checksums.Sums sums) {
    return "{\"blobs\":[{\"sha256\":\"%s\",\"size\":%d}]}".formatted(sums.id(), sums.size());
  }

  private static JsonNode put(TestingAgent agent, String path, String body) throws Exception {
    return json(agent, path, "-X", "PUT", "-d", body);
  }

  private static JsonNode json(TestingAgent agent, String path, String... options)
      throws Exception {
    return WireJson.readTree(agent.curl(path, options).getBytes(StandardCharsets.UTF_8));
  }
}
