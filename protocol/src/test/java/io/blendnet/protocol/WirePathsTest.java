package io.blendnet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WirePathsTest {
  @ParameterizedTest
  @CsvSource({
    "a.blend,a.blend",
    "tex/a.png,tex/a.png",
    "tex%2Fa.png,tex/a.png",
    "tex%5Ca.png,tex/a.png",
    "tex\\a.png,tex/a.png",
    "./tex//a.png,tex/a.png",
    "/abs/path,/abs/path",
    "%2Fabs/path,/abs/path",
    "//tex/a.png,//tex/a.png",
    "C:/tex/a.png,C:/tex/a.png",
    "C%3A%5Ctex%5Ca.png,C:/tex/a.png",
    "%5C%5Cserver%5Cshare%5Ca.png,/server/share/a.png",
    "a%20b%2Bc.png,a b+c.png",
    "a+b.png,a+b.png",
    "%C3%A9t%C3%A9.png,été.png",
    "100%25.png,100%.png",
    "a%252e%252e.png,a%2e%2e.png",
    "..a/b..,..a/b..",
    "'it''s \"q\".png','it''s \"q\".png'"
  })
  void aFilesPathIsDecodedOnceAndNormalised(String encoded, String path) {
    assertThat(WirePaths.decodeFile(encoded)).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..",
        "../a",
        "a/..",
        "a/../b",
        "/../etc/passwd",
        "%2e%2e/a",
        "%2E./a",
        "a%2f..%2fb",
        "..%5ca",
        "a\\..\\b",
        "C:/../a",
        "//../a",
        "",
        "/",
        "//",
        ".",
        "a%00b",
        "a%0Ab",
        "a%7F",
        "%",
        "%2",
        "%zz",
        "a%",
        "%ff%fe",
        "%c0%ae%c0%ae/a"
      })
  void aPathThatLeadsElsewhereOrNowhereIsRefused(String encoded) {
    assertThatThrownBy(() -> WirePaths.decodeFile(encoded))
        .isInstanceOf(InvalidFieldException.class);
  }

  @Test
  void aPathOrAPartThatNoFileSystemTakesIsRefused() {
    assertThat(WirePaths.decodeFile("é".repeat(127))).hasSize(127);
    assertThatThrownBy(() -> WirePaths.decodeFile("é".repeat(128)))
        .isInstanceOf(InvalidFieldException.class);
    assertThatThrownBy(() -> WirePaths.decodeFile("a/".repeat(2100) + "a"))
        .isInstanceOf(InvalidFieldException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/home/me/a b.png",
        "//tex/100% é?#;.png",
        "C:/a+b&c=d.png",
        "it's \"quoted\"/[x].png",
        "日本/画.png"
      })
  void whatAClientEncodesAServerDecodes(String path) {
    assertThat(WirePaths.decodeFile(WirePaths.encodeFile(path))).isEqualTo(path);
    assertThat(WirePaths.encodeFile(path)).matches("[A-Za-z0-9._~/%-]+");
  }

  @ParameterizedTest
  @CsvSource({
    "/lib/a.png,/lib/a.png",
    "C:\\lib\\a.png,C:/lib/a.png",
    "//tex/a.png,/home/me/shot/tex/a.png",
    "tex/a.png,/home/me/tex/a.png"
  })
  void aPathIsMadeAbsoluteWhereItsFolderIsKnown(String path, String absolute) {
    assertThat(WirePaths.onSubmitter(path, config("/home/me/shot", "/home/me")))
        .isEqualTo(absolute);
  }

  @Test
  void aPathStaysAsItIsWhereItsFolderIsUnknown() {
    TaskConfig unknown = TaskConfig.of("a.blend", 1);

    assertThat(WirePaths.onSubmitter("//tex/a.png", unknown)).isEqualTo("//tex/a.png");
    assertThat(WirePaths.inWorkspace("//tex/a.png", unknown)).isEqualTo("project/tex/a.png");
    assertThat(WirePaths.inWorkspace("tex/a.png", unknown)).isEqualTo("project/tex/a.png");
  }

  @ParameterizedTest
  @CsvSource({
    "/home/me/shot,/home/me/shot/tex/a.png,project/tex/a.png",
    "/home/me/shot/,/home/me/shot/tex/a.png,project/tex/a.png",
    "/home/me/shot,/home/me/shot2/a.png,ext_deps/home/me/shot2/a.png",
    "/home/me/shot,/lib/a.png,ext_deps/lib/a.png",
    "C:\\Shots\\one,c:/shots/ONE/tex/a.png,project/tex/a.png",
    "C:\\Shots\\one,D:/lib/a.png,ext_deps/D_/lib/a.png",
    "/home/me/shot,/lib/a:b.png,ext_deps/lib/a_b.png"
  })
  void anAgentsWorkspaceHoldsProjectAndDependenciesApart(
      String projectPath, String path, String workspace) {
    assertThat(WirePaths.inWorkspace(path, config(projectPath, "/home/me"))).isEqualTo(workspace);
  }

  @Test
  void theProjectItselfIsRelativeToTheProjectsFolder() {
    TaskConfig config = config("/home/me/shot", "/home/me");

    assertThat(WirePaths.projectFile(config)).contains("/home/me/shot/scene.blend");
  }

  private static TaskConfig config(String projectPath, String cwdPath) {
    Optional<Integer> none = Optional.empty();
    return new TaskConfig(
        Optional.of("scene.blend"),
        Optional.of(projectPath),
        Optional.of(cwdPath),
        none,
        none,
        none,
        none,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        none);
  }
}
