package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.agent.ScenePolicy.SandboxUse;
import io.blendnet.agent.ScenePolicy.Scripts;
import io.blendnet.blender.HostSystem;
import io.blendnet.blender.SandboxSearch;
import io.blendnet.blender.SessionException;
import io.blendnet.blender.SessionFailure;
import io.blendnet.protocol.SceneOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SceneRulesTest {
  private static final SandboxSearch MISSING =
      new SandboxSearch.Missing("bubblewrap is not installed.");
  private static final SandboxSearch FOUND = HostSystem.current().sandbox();

  @ParameterizedTest
  @EnumSource
  void aSceneThatIsNotTrustedIsOpenedInAnyCase(Scripts scripts) throws Exception {
    SceneRules rules = rules(SandboxUse.AUTO, scripts, MISSING);

    assertThatCode(() -> rules.check(order(false), false)).doesNotThrowAnyException();
  }

  @Test
  void trustedScriptsNeedASandboxAndTheReasonSaysHowToGetOne() throws Exception {
    SceneRules rules = rules(SandboxUse.AUTO, Scripts.SANDBOXED, MISSING);

    assertThatThrownBy(() -> rules.check(order(true), false))
        .isInstanceOfSatisfying(
            SessionException.class,
            refused -> assertThat(refused.failure()).isEqualTo(SessionFailure.REFUSED))
        .hasMessageContaining("bubblewrap is not installed.")
        .hasMessageContaining("scene-scripts = unconfined");
    assertThat(rules.info().trustedScripts()).isFalse();
    assertThat(rules.info().sandboxed()).isFalse();
    assertThat(rules.info().network()).isTrue();
  }

  @Test
  void trustedScriptsRunInTheSandbox() throws Exception {
    SceneRules rules = rules(SandboxUse.AUTO, Scripts.SANDBOXED, FOUND);

    assertThatCode(() -> rules.check(order(true), true)).doesNotThrowAnyException();
    assertThat(rules.sandbox()).isPresent();
    assertThat(rules.info().trustedScripts()).isTrue();
    assertThat(rules.info().sandbox()).startsWith("bubblewrap ");
    assertThat(rules.info().network()).isFalse();
  }

  @Test
  void anOwnerMayAllowScriptsWithoutASandbox() throws Exception {
    SceneRules rules = rules(SandboxUse.AUTO, Scripts.UNCONFINED, MISSING);

    assertThatCode(() -> rules.check(order(true), false)).doesNotThrowAnyException();
    assertThat(rules.info().trustedScripts()).isTrue();
  }

  @Test
  void anOwnerMayRefuseAllScripts() throws Exception {
    SceneRules rules = rules(SandboxUse.AUTO, Scripts.REFUSED, FOUND);

    assertThatThrownBy(() -> rules.check(order(true), true))
        .hasMessageContaining("scene-scripts = refused");
    assertThat(rules.info().trustedScripts()).isFalse();
  }

  @Test
  void anOwnerMayDemandASandbox() {
    assertThatThrownBy(() -> rules(SandboxUse.REQUIRED, Scripts.SANDBOXED, MISSING))
        .isInstanceOf(NoSandboxException.class)
        .hasMessageContaining("bubblewrap is not installed.");
  }

  @Test
  void anOwnerMayDoWithoutOne() throws Exception {
    SceneRules rules = rules(SandboxUse.OFF, Scripts.SANDBOXED, FOUND);

    assertThat(rules.sandbox()).isEmpty();
    assertThatThrownBy(() -> rules.check(order(true), false))
        .hasMessageContaining("has switched it off");
  }

  private static SceneRules rules(SandboxUse use, Scripts scripts, SandboxSearch search)
      throws NoSandboxException {
    return SceneRules.of(new ScenePolicy(use, scripts, false, List.of()), search);
  }

  private static SceneOrder order(boolean trustScripts) {
    return new SceneOrder(
        "project/a.blend",
        Optional.empty(),
        Optional.empty(),
        Map.of("project/a.blend", "ab".repeat(32)),
        Optional.empty(),
        Optional.empty(),
        true,
        trustScripts);
  }
}
