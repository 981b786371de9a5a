package io.blendnet.blender;

import static io.blendnet.blender.TestingPicture.largestDifference;
import static io.blendnet.blender.TestingScenes.scene;
import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Final pictures made of a merged file, against the pictures that Blender makes by itself. */
class SessionComposeTest {
  private static final String AS_IT_IS = "pass";

  private static TestingSession session;

  @TempDir private Path folder;

  @BeforeAll
  static void startBlender() throws IOException {
    session = new TestingSession();
  }

  @AfterAll
  static void endBlender() throws IOException {
    session.close();
  }

  @ParameterizedTest
  @CsvSource({
    "composited, 7, shot 07 é.png",
    "cropped, 1, shot_0001.png",
    "bordered, 1, shot_0001.png",
    "as-png, 1, shot_0001.png",
    "as-jpeg, 1, shot_0001.jpg",
    "as-tiff, 1, shot_0001.tif",
    "sequencer, 3, shot_0003.png",
    "workbench, 1, shot_0001.png"
  })
  void thePictureEqualsTheOneThatBlenderMakes(String name, int frame, String expectedName)
      throws IOException, InterruptedException {
    JsonNode facts = session.open(scene(name));
    List<Path> files = compose(facts, frame);

    Path picture = files.getFirst();
    assertThat(picture.getFileName()).hasToString(expectedName);
    Path direct = directly(name, frame, AS_IT_IS);
    assertAlike(TestingPicture.read(picture), TestingPicture.read(direct));
  }

  @Test
  void anOpenExrPictureIsWrittenInTheScenesOwnKind() throws IOException {
    JsonNode facts = session.open(scene("as-open_exr"));
    assertThat(facts.get("fileExtension").asString()).isEqualTo(".exr");

    Path picture = compose(facts, 1).getFirst();

    assertThat(picture.getFileName()).hasToString("shot_0001.exr");
    assertThat(picture).isNotEmptyFile();
  }

  @Test
  void withoutTheCompositorThePictureIsThePlainRender() throws IOException, InterruptedException {
    JsonNode facts =
        session
            .tell("open", Map.of("blend", scene("composited").toString(), "use_compositor", false))
            .get("facts");

    List<Path> files = compose(facts, 1);

    assertThat(files).hasSize(1);
    Path direct = directly("composited", 1, "bpy.context.scene.render.use_compositing = False");
    assertAlike(TestingPicture.read(files.getFirst()), TestingPicture.read(direct));
  }

  @Test
  void fileOutputNodesKeepTheirNamesWithinTheOutputFolder() throws IOException {
    JsonNode facts = session.open(scene("composited"));

    List<Path> files = compose(facts, 7);

    Path output = folder.resolve("output");
    assertThat(files)
        .containsExactlyInAnyOrder(
            output.resolve("shot 07 é.png"),
            output.resolve("all_07.exr"),
            output.resolve("passes/deep/Image0007.png"),
            output.resolve("passes/deep/escape/mist_007.png"));
    assertThat(files).allSatisfy(file -> assertThat(file).isNotEmptyFile());
  }

  @Test
  void afterComposingCellsOfOtherFramesAreRenderedAsBefore() throws IOException {
    JsonNode facts = session.open(scene("composited"));
    Path before = render(facts, 2, "before.exr");
    List<Path> first = compose(facts, 1);
    Path after = render(facts, 2, "after.exr");
    TestingPicture firstPicture = TestingPicture.read(first.getFirst());

    TestingPicture one = TestingPicture.read(before);
    TestingPicture other = TestingPicture.read(after);
    assertThat(one.channels())
        .allSatisfy((name, pixels) ->
            assertThat(largestDifference(pixels, other.channel(name))).as(name).isZero());
    // Not byte by byte: Blender writes the time of day into the file
    assertThat(TestingPicture.read(compose(facts, 1).getFirst()).differingPixels(firstPicture))
        .as("pixels of the first frame, composed again")
        .isZero();
  }

  @Test
  void aSceneThatAsksForDenoisingIsComposedOfWhatWasRendered() throws IOException {
    JsonNode facts = session.open(scene("denoised"));

    assertThat(session.hello().get("denoising").asBoolean())
        .as("this test is about a Blender that cannot denoise")
        .isFalse();
    assertThat(facts.get("warnings").toString()).contains("asks for denoising");
    TestingPicture picture = TestingPicture.read(compose(facts, 1).getFirst());
    float[] red = picture.channel("0");
    assertThat(largestDifference(red, new float[red.length])).isGreaterThan(50);
  }

  @Test
  void aMergedFileOfAnotherSizeIsRefused() throws IOException {
    JsonNode small = session.open(scene("fixed"));
    Path exr = render(small, 1, "small.exr");
    session.open(scene("composited"));

    JsonNode answer =
        session.ask(
            "compose",
            Map.of("frame", 1, "exr", exr.toString(), "output_folder", folder.toString()));

    assertThat(answer.get("ok").asBoolean()).isFalse();
    assertThat(answer.get("message").asString()).contains("64x36").contains("160x90");
  }

  private Path render(JsonNode facts, int frame, String name) throws IOException {
    int samples = facts.get("samples").asInt();
    JsonNode size = facts.get("size");
    Tile whole = new Tile(0, 0, size.get("width").asInt(), size.get("height").asInt());
    Path exr = folder.resolve(name);
    session.render(frame, whole, 0, new SampleRange(0, samples), samples, exr);
    return exr;
  }

  private List<Path> compose(JsonNode facts, int frame) throws IOException {
    Path exr = render(facts, frame, "merged " + frame + ".exr");
    Path output = Files.createDirectories(folder.resolve("output"));
    JsonNode answer =
        session.tell(
            "compose",
            Map.of("frame", frame, "exr", exr.toString(), "output_folder", output.toString()));
    return answer
        .get("files")
        .valueStream()
        .map(file -> Path.of(file.get("path").asString()))
        .toList();
  }

  private Path directly(String name, int frame, String python)
      throws IOException, InterruptedException {
    Path output = Files.createDirectories(folder.resolve("direct"));
    TestingScenes.renderDirectly(
        scene(name), frame, output.resolve("picture-####"), "import bpy; " + python);
    try (var files = Files.list(output)) {
      return files.findFirst().orElseThrow();
    }
  }

  /** One pixel may differ, or a ten-thousandth of them, and by the smallest step. */
  private static void assertAlike(TestingPicture one, TestingPicture other) {
    assertThat(one.width()).isEqualTo(other.width());
    assertThat(one.height()).isEqualTo(other.height());
    assertThat(one.channels().keySet()).isEqualTo(other.channels().keySet());
    assertThat(one.differingPixels(other))
        .isLessThanOrEqualTo(Math.max(1, one.width() * one.height() / 10_000));
    assertThat(one.channels())
        .allSatisfy((name, pixels) ->
            assertThat(largestDifference(pixels, other.channel(name))).isLessThanOrEqualTo(1));
    boolean flat =
        one.channels().values().stream()
            .allMatch(pixels -> largestDifference(pixels, new float[pixels.length]) == 0);
    assertThat(flat).as("a black picture").isFalse();
  }
}
