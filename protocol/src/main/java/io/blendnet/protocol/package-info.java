/** Wire records of API v1, their JSON mapping, and the HTTPS client. */
@NullMarked
package io.blendnet.protocol;

import org.jspecify.annotations.NullMarked;
