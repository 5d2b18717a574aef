package snug.services;

import java.nio.file.Path;
import java.util.List;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.transport.Netty4Plugin;

/** Starts one OpenSearch node with what the Maven artifacts have of its modules: data, port. */
public final class Launcher {
    private static final class OneNode extends Node {
        OneNode(Environment environment) {
            super(environment, List.of(Netty4Plugin.class, CommonAnalysisPlugin.class, PainlessPlugin.class), false);
        }
    }

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]);
        Settings settings = Settings.builder()
                .put("path.home", data)
                .put("path.data", data.resolve("nodes"))
                .put("path.logs", data.resolve("logs"))
                .put("node.name", "snug")
                .put("cluster.name", "snug-services")
                .put("discovery.type", "single-node")
                .put("network.host", "127.0.0.1")
                .put("http.port", args[1])
                .put("transport.port", args[2])
                .put("http.type", "netty4")
                .put("transport.type", "netty4")
                // Disks of developers are full; nothing here is worth keeping.
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build();
        LogConfigurator.registerErrorListener();
        LogConfigurator.setNodeName("snug");
        LogConfigurator.configureWithoutConfig(settings);
        Node node = new OneNode(new Environment(settings, data.resolve("config")));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception err) {
                err.printStackTrace();
            }
        }));
        node.start();
        System.out.println("started");
        Thread.currentThread().join();
    }
}
