package io.blendnet.blender;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which of our environment variables a Blender gets. */
final class ProcessEnvironment {
  /** Variables that let the user's own set-up into the session. */
  private static final List<String> UNWANTED =
      List.of(
          "PYTHONPATH",
          "PYTHONHOME",
          "PYTHONSTARTUP",
          "PYTHONINSPECT",
          "BLENDER_SYSTEM_PYTHON",
          "BLENDER_CUSTOM_SPLASH");

  /** All that reaches a sandbox: what programs run by, not what somebody keeps in variables. */
  private static final List<String> KNOWN =
      List.of("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "OCIO", "GLIBC_TUNABLES");

  /** Settings of Cycles, of graphics drivers and of libraries for arithmetic. */
  private static final List<String> KNOWN_BEGINNINGS =
      List.of(
          "LC_",
          "AMD_",
          "BLENDER_",
          "CUDA_",
          "CYCLES_",
          "EGL_",
          "EMBREE_",
          "GALLIUM_",
          "GPU_",
          "HIP_",
          "HSA_",
          "KMP_",
          "LIBGL_",
          "LP_",
          "MALLOC_",
          "MESA_",
          "NVIDIA_",
          "OMP_",
          "ONEAPI_",
          "OPENBLAS_",
          "OPTIX_",
          "ROCM_",
          "ROCR_",
          "SYCL_",
          "UR_",
          "VK_",
          "ZE_",
          "__EGL_",
          "__GL");

  private ProcessEnvironment() {}

  /** Takes out of a copy of our own environment what Blender is not to have. */
  static void reduce(Map<String, String> environment, Optional<Confinement> confinement) {
    UNWANTED.forEach(environment::remove);
    if (confinement.isPresent()) {
      environment.keySet().removeIf(name -> !isKnown(name));
    }
  }

  private static boolean isKnown(String name) {
    return KNOWN.contains(name) || KNOWN_BEGINNINGS.stream().anyMatch(name::startsWith);
  }
}
