package io.blendnet.bench;

import io.blendnet.blender.BlenderSession;
import io.blendnet.blender.CellRequest;
import io.blendnet.blender.RenderedCell;
import io.blendnet.blender.SceneRequest;
import io.blendnet.blender.SessionException;
import io.blendnet.blender.SessionFailure;
import io.blendnet.blender.SessionSettings;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CutCells;
import io.blendnet.domain.FrameCut;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Strategy;
import io.blendnet.exr.CellCheck;
import io.blendnet.exr.Compression;
import io.blendnet.exr.FrameAssembly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Renders one scene whole and in every cut.
 *
 * @param folder for its files
 */
record ConformanceScene(
    String name, String claim, ConformanceBlender blender, Path blend, Path folder) {
  /** Neither the first, so that sessions have to change it, nor at the end of what moves. */
  private static final int FRAME = 2;

  private static final double ROUNDING = 1e-5;

  private static final String EXACT_PATTERN = "SOBOL";

  /** Scenes are rendered beside each other. */
  private static final int THREADS = 1;

  /** All cuts of the scene, each rendered by two sessions in turns, as by two agents. */
  List<ConformanceRow> rows() throws IOException, InterruptedException, SessionException {
    Files.createDirectories(folder);
    Path whole = folder.resolve("whole.exr");
    blender.render(folder, blend, whole, FRAME, THREADS, Optional.empty());
    List<ConformanceRow> rows = new ArrayList<>();
    try (var one = session("one");
        var other = session("other")) {
      SceneFacts facts;
      try {
        facts = one.open(request());
      } catch (SessionException e) {
        return List.of(notOpened(e));
      }
      other.open(request());
      FrameCut automatic = CutCells.anyway(Strategy.AUTO, facts);
      List<FrameCut> cuts = new ArrayList<>();
      cuts.add(CutCells.anyway(Strategy.TILES, facts));
      cuts.add(CutCells.anyway(Strategy.SAMPLES, facts));
      if (automatic.thin() > 0) {
        cuts.add(automatic);
      }
      if (automatic.strategy() == Strategy.FRAME) {
        cuts.add(automatic);
      }
      for (FrameCut cut : cuts) {
        rows.add(
            row(cut, facts, cut.exactPattern() ? wholeByPattern() : whole, List.of(one, other)));
      }
    }
    Commands.delete(folder);
    return rows;
  }

  /** Of a scene that the farm refuses before it begins. */
  private ConformanceRow notOpened(SessionException refusal) throws SessionException {
    if (refusal.failure() != SessionFailure.SCENE) {
      throw refusal;
    }
    return new ConformanceRow(
        name,
        claim,
        blender.version(),
        Strategy.FRAME,
        0,
        Optional.empty(),
        Optional.of(refusal.getMessage()));
  }

  /** The frame with the pattern that the session takes where the scene's own cannot be split. */
  private Path wholeByPattern() throws IOException, InterruptedException {
    Path whole = folder.resolve("pattern.exr");
    blender.render(folder, blend, whole, FRAME, THREADS, Optional.of(EXACT_PATTERN));
    return whole;
  }

  private BlenderSession session(String session) throws SessionException {
    return BlenderSession.start(
        blender.installation(), new SessionSettings(folder.resolve(session), THREADS), _ -> {});
  }

  private SceneRequest request() {
    return new SceneRequest(
        blend,
        THREADS,
        false,
        Optional.empty(),
        Optional.empty(),
        true,
        Optional.empty(),
        Optional.empty(),
        folder,
        folder);
  }

  private ConformanceRow row(
      FrameCut cut, SceneFacts facts, Path whole, List<BlenderSession> sessions)
      throws IOException, SessionException {
    List<Cell> cells = CutCells.of(cut);
    Optional<String> refusal =
        switch (FrameCut.decide(cut.strategy(), facts)) {
          case FrameCut.Decision.Taken _ -> Optional.empty();
          case FrameCut.Decision.Refused _ ->
              Optional.of(
                  String.join(
                      ". ",
                      cut.strategy() == Strategy.TILES
                          ? facts.tileObstacles()
                          : facts.sampleObstacles()));
        };
    Optional<FrameComparison> comparison = Optional.empty();
    try {
      Path parts = folder.resolve(cut.strategy().label() + ".exr");
      assemble(cut, facts, cells, sessions, parts);
      comparison =
          Optional.of(
              ConformanceRow.isExact(cut.strategy())
                  ? FrameComparison.exact(parts, whole)
                  : FrameComparison.within(ROUNDING, parts, whole));
    } catch (SessionException e) {
      if (refusal.isEmpty() || e.failure() != SessionFailure.SCENE) {
        throw e;
      }
    }
    return new ConformanceRow(
        name,
        cut.exactPattern() ? claim + ", replaced by Sobol" : claim,
        blender.version(),
        cut.strategy(),
        cells.size(),
        comparison,
        refusal);
  }

  private void assemble(
      FrameCut cut, SceneFacts facts, List<Cell> cells, List<BlenderSession> sessions, Path parts)
      throws IOException, SessionException {
    try (FrameAssembly frame =
        FrameAssembly.create(folder.resolve("scratch"), facts.size(), facts.addedPasses())) {
      for (int i = 0; i < cells.size(); i++) {
        Cell cell = cells.get(i);
        var request =
            new CellRequest(
                FRAME,
                cell,
                cut.overscan(),
                cut.samples(),
                cut.exactPattern(),
                folder.resolve("cell.exr"));
        RenderedCell rendered = sessions.get(i % sessions.size()).render(request);
        CellCheck.check(request.partial(), rendered.rendered(), cell.samples().size());
        frame.add(cell, rendered.rendered(), request.partial());
      }
      frame.write(parts, Compression.NONE);
    }
  }
}
