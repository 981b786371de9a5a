package io.blendnet.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The house keeps its walls: who may know whom (docs/architecture.md). */
class BoundariesTest {
  private static final String ROOT = "io.blendnet";

  /** The rooms that each room may look into, beside itself. */
  private static final Map<String, List<String>> DOORS =
      Map.ofEntries(
          Map.entry("domain", List.of()),
          Map.entry("exr", List.of("domain")),
          Map.entry("security", List.of()),
          Map.entry("protocol", List.of("domain")),
          Map.entry("storage", List.of("domain", "security")),
          Map.entry("blender", List.of("domain")),
          Map.entry("server", List.of("domain", "protocol", "security", "storage")),
          Map.entry(
              "agent",
              List.of("domain", "exr", "protocol", "security", "storage", "blender", "server")),
          Map.entry(
              "manager", List.of("domain", "exr", "protocol", "security", "storage", "server")),
          Map.entry("provider", List.of("domain", "protocol", "security")));

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "domain",
        "exr",
        "security",
        "protocol",
        "storage",
        "blender",
        "server",
        "agent",
        "manager",
        "provider"
      })
  void aRoomLooksOnlyIntoTheRoomsBelow(String room) {
    List<String> doors = DOORS.getOrDefault(room, List.of());
    List<String> walls =
        HOUSE.stream()
            .map(BoundariesTest::roomOf)
            .distinct()
            .filter(other -> !other.equals(room) && !doors.contains(other))
            .toList();
    assertThat(walls).isNotEmpty();
    noClasses()
        .that()
        .resideInAPackage(packages(room))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(walls.stream().map(BoundariesTest::packages).toArray(String[]::new))
        .check(HOUSE);
  }

  @Test
  void theDomainIsPure() {
    classes()
        .that()
        .resideInAPackage(packages("domain"))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            packages("domain"), "java.lang..", "java.util..", "java.time..", "org.jspecify..")
        .check(HOUSE);
    noClasses()
        .that()
        .resideInAPackage(packages("domain"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.util.concurrent..")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.time.Clock.class)
        .check(HOUSE);
  }

  @Test
  void theExrCodecNeedsTheJdkAlone() {
    classes()
        .that()
        .resideInAPackage(packages("exr"))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            packages("exr"), packages("domain"), "java..", "javax.imageio..", "org.jspecify..")
        .check(HOUSE);
  }

  @Test
  void roomsFormNoCircle() {
    SlicesRuleDefinition.slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(HOUSE);
  }

  private static String roomOf(JavaClass type) {
    String rest = type.getPackageName().substring(ROOT.length() + 1);
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  private static String packages(String room) {
    return ROOT + "." + room + "..";
  }
}
