package snug.services;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** Starts one Elasticsearch node: home (with plugins), data, port. */
public final class Launcher {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        Path data = Path.of(args[1]);
        Settings settings = Settings.builder()
                .put("path.home", home)
                .put("path.data", data.resolve("nodes"))
                .put("path.logs", data.resolve("logs"))
                .put("node.name", "snug")
                .put("cluster.name", "snug-services")
                .put("discovery.type", "single-node")
                .put("network.host", "127.0.0.1")
                .put("http.port", args[2])
                .put("transport.type", "snug-loopback")
                .put("http.type", "snug-loopback")
                // Disks of developers are full; nothing here is worth keeping.
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build();
        LogConfigurator.registerErrorListener();
        LogConfigurator.setNodeName("snug");
        LogConfigurator.configureWithoutConfig(settings);
        Environment environment = new Environment(settings, data.resolve("config"));
        var plugins = PluginsLoader.loadPluginsBundles(environment.pluginsDir());
        var loader = PluginsLoader.createPluginsLoader(Set.of(), plugins, Map.of(), false);
        Node node = new Node(environment, loader);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.prepareForClose();
                node.close();
                node.awaitClose(10, TimeUnit.SECONDS);
            } catch (Exception err) {
                err.printStackTrace();
            } finally {
                ended.countDown();
            }
        }));
        node.start();
        System.out.println("started");
        ended.await();
    }
}
