package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.blender.BlenderLine.MemoryUse;
import io.blendnet.blender.BlenderLine.Other;
import io.blendnet.blender.BlenderLine.Problem;
import io.blendnet.blender.BlenderLine.Sampling;
import io.blendnet.blender.BlenderLine.Saved;
import io.blendnet.blender.BlenderLine.Step;
import io.blendnet.blender.BlenderLine.Tiling;
import io.blendnet.blender.BlenderLine.Trouble;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lines of 3.4 are recorded ones. */
class BlenderLineTest {
  private static final long MIB = 1 << 20;

  @Test
  void samplesWithTheTimeThatRemainsAndTheMemoryInUse() {
    String line =
        "Fra:1 Mem:14.50M (Peak 15.00M) | Time:00:00.52 | Remaining:01:00:12.03 | Mem:4.97M,"
            + " Peak:4.97M | Scene, ViewLayer | Sample 1/64";

    assertThat(BlenderLine.parse(line))
        .isEqualTo(
            new Sampling(
                line,
                1,
                64,
                Optional.empty(),
                Optional.of(Duration.ofMillis(3_612_030)),
                Optional.of(new MemoryUse(29 * MIB / 2, 15 * MIB))));
  }

  @Test
  void theLineOfBlender5HasAClockAndAModuleBeforeIt() {
    String line =
        "00:00.327  render           | Fra:1 Mem:14M (Peak 14M) | Remaining:00:12.03 | Sample 8/64";

    assertThat(BlenderLine.parse(line))
        .isInstanceOfSatisfying(
            Sampling.class,
            sampling -> {
              assertThat(sampling.sample()).isEqualTo(8);
              assertThat(sampling.share()).isEqualTo(0.125);
              assertThat(sampling.remaining()).contains(Duration.ofMillis(12_030));
            });
    assertThat(BlenderLine.parse("00:01.000  render           | Saved: '/x/a.png'"))
        .isInstanceOfSatisfying(
            Saved.class, saved -> assertThat(saved.path()).isEqualTo("/x/a.png"));
  }

  @Test
  void blendersOwnTilesCountForTheShareDone() {
    String line =
        "Fra:7 Mem:9.00M (Peak 9.00M) | Time:00:09.11 | Mem:0.00M, Peak:1.00M | Scene, ViewLayer |"
            + " Rendered 3/6 Tiles, Sample 2/4";

    assertThat(BlenderLine.parse(line))
        .isInstanceOfSatisfying(
            Sampling.class,
            sampling -> {
              assertThat(sampling.tiling()).contains(new Tiling(3, 6));
              assertThat(sampling.share()).isEqualTo(3.5 / 6);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Synchronizing object | Cube",
        "Updating Scene BVH | Building BVH 66%",
        "Loading render kernels (may take a few minutes the first time)",
        "Finished",
        "Cancelled",
      })
  void aStepIsWhatStandsBehindTheLayer(String step) {
    String line =
        "Fra:1 Mem:9.35M (Peak 9.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | "
            + step;

    assertThat(BlenderLine.parse(line))
        .isInstanceOfSatisfying(Step.class, found -> assertThat(found.step()).isEqualTo(step));
  }

  @Test
  void aCompositorsStepHasNoLayer() {
    assertThat(
            BlenderLine.parse(
                "Fra:1 Mem:9.35M (Peak 9.42M) | Time:00:00.10 | Compositing | Tile 1-6"))
        .isInstanceOfSatisfying(
            Step.class, found -> assertThat(found.step()).isEqualTo("Compositing | Tile 1-6"));
  }

  @Test
  void anObjectMayBeCalledOutOfMemory() {
    assertThat(
            BlenderLine.parse(
                "Fra:1 Mem:9.35M (Peak 9.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene,"
                    + " ViewLayer | Synchronizing object | Out of memory"))
        .isInstanceOf(Step.class);
    assertThat(BlenderLine.parse("Saved: '/home/me/out of memory/a.png'"))
        .isInstanceOf(Saved.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "MEMORY; CUDA error: Out of memory in cuMemAlloc(&device_pointer, size)",
        "MEMORY; OptiX error OPTIX_ERROR_DEVICE_OUT_OF_MEMORY in optixAccelBuild",
        "MEMORY; HIP error: hipErrorOutOfMemory in hipMalloc",
        "MEMORY; System is out of GPU and shared host memory",
        "MEMORY; terminate called after throwing an instance of 'std::bad_alloc'",
        "MEMORY; Malloc returns null: len=8294400000 in imbuf, total 123",
        "MEMORY; Calloc returns null: len=64 in x, total 123",
        "MEMORY; MemoryError",
        "CRASH; Writing: /tmp/scene.crash.txt",
        "CRASH; Segmentation fault (core dumped)",
        "SYSTEM_LIBRARY; blender: error while loading shared libraries: libGL.so.1: cannot open",
        "DISK; OSError: [Errno 28] No space left on device: '/x'",
        "GRAPHICS; CUDA error: Illegal address in cuCtxSynchronize()",
        "SCENE; Error: Cannot render, no camera",
        "SCENE; Warning: Unable to open '/x/lib.blend': No such file or directory",
        "PYTHON; Traceback (most recent call last):",
        "PYTHON; KeyError: 'bpy_prop_collection[key]: key \"Cube\" not found'",
      })
  void troubleIsRecognised(Trouble trouble, String line) {
    assertThat(BlenderLine.parse(line)).isEqualTo(new Problem(line, trouble));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Blender 3.4.1",
        "Read blend: /x/scene.blend",
        " Time: 00:11.93 (Saving: 00:00.35)",
        "Blender quit",
        "Fra",
      })
  void anythingElseIsKept(String line) {
    assertThat(BlenderLine.parse(line)).isEqualTo(new Other(line));
  }

  @Test
  void nothingThatLooksLikeANumberBreaksIt() {
    assertThat(
            BlenderLine.parse(
                "Fra:1 Mem:9.9.9M (Peak 1..M) | Remaining:0:.:. | Sample 1/99999999999"))
        .isInstanceOfSatisfying(
            Sampling.class, sampling -> assertThat(sampling.remaining()).isEmpty());
  }
}
