/** What a provider of machines gives: agents that run and how to reach them. */
@NullMarked
package io.blendnet.provider.spi;

import org.jspecify.annotations.NullMarked;
