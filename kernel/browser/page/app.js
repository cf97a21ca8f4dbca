// One notebook, named by ?path=, as JupyterLab shows it.
import "@jupyterlab/theme-light-extension/style/variables.css";
import "@jupyterlab/notebook/style/index.js";
import "@jupyter-widgets/base/css/index.css";
import "@jupyter-widgets/controls/css/widgets-base.css";
import * as widgetsBase from "@jupyter-widgets/base";
import * as widgetsControls from "@jupyter-widgets/controls";
import { WIDGET_VIEW_MIMETYPE, WidgetManager } from "@jupyter-widgets/jupyterlab-manager/lib/manager.js";
import * as widgetsOutput from "@jupyter-widgets/jupyterlab-manager/lib/output.js";
import { WidgetRenderer } from "@jupyter-widgets/jupyterlab-manager/lib/renderer.js";
import { CommandRegistry } from "@lumino/commands";
import { BoxPanel, Widget } from "@lumino/widgets";
import { ServiceManager } from "@jupyterlab/services";
import { NotebookActions, NotebookModelFactory, NotebookPanel, NotebookWidgetFactory } from "@jupyterlab/notebook";
import {
  CodeMirrorEditorFactory, CodeMirrorMimeTypeService, EditorExtensionRegistry, EditorLanguageRegistry, EditorThemeRegistry, ybinding,
} from "@jupyterlab/codemirror";
import { ConsolePanel } from "@jupyterlab/console";
import { Debugger } from "@jupyterlab/debugger/lib/debugger.js";
import { VariablesBodyTree } from "@jupyterlab/debugger/lib/panels/variables/tree.js";
import { DocumentManager } from "@jupyterlab/docmanager";
import { DocumentRegistry } from "@jupyterlab/docregistry";
import { RenderMimeRegistry, standardRendererFactories } from "@jupyterlab/rendermime";

const query = new URLSearchParams(location.search);
const manager = new ServiceManager();
const languages = new EditorLanguageRegistry();
for (const l of EditorLanguageRegistry.getDefaultLanguages()) languages.addLanguage(l);
const themes = new EditorThemeRegistry();
for (const t of EditorThemeRegistry.getDefaultThemes()) themes.addTheme(t);
const extensions = new EditorExtensionRegistry();
for (const f of EditorExtensionRegistry.getDefaultExtensions({ themes })) extensions.addExtension(f);
extensions.addExtension({
  name: "shared-model-binding",
  factory: options => {
    const model = options.model.sharedModel;
    return EditorExtensionRegistry.createImmutableExtension(ybinding({ ytext: model.ysource, undoManager: model.undoManager ?? undefined }));
  },
});
const editors = new CodeMirrorEditorFactory({ extensions, languages });
const registry = new DocumentRegistry();
const rendermime = new RenderMimeRegistry({ initialFactories: standardRendererFactories });
const documents = new DocumentManager({ registry, manager, opener: { open() {} } });
registry.addModelFactory(new NotebookModelFactory({}));
registry.addWidgetFactory(new NotebookWidgetFactory({
  name: "Notebook", modelName: "notebook", fileTypes: ["notebook"], defaultFor: ["notebook"], preferKernel: true, canStartKernel: true,
  rendermime,
  contentFactory: new NotebookPanel.ContentFactory({ editorFactory: editors.newInlineEditor }),
  mimeTypeService: new CodeMirrorMimeTypeService(languages),
}));
const panel = documents.open(query.get("path"), "Notebook");
const box = new BoxPanel({ direction: "top-to-bottom", spacing: 0 });
box.id = "main";
box.addWidget(panel);
Widget.attach(box, document.body);

// ipywidgets, as its extension of JupyterLab sets it up, with "Save Widget State Automatically".
const widgets = panel.sessionContext.ready.then(() => {
  const manager = new WidgetManager(panel.context, panel.content.rendermime, { saveState: true });
  manager.register({ name: "@jupyter-widgets/base", version: widgetsBase.JUPYTER_WIDGETS_VERSION, exports: widgetsBase });
  manager.register({ name: "@jupyter-widgets/controls", version: widgetsControls.JUPYTER_CONTROLS_VERSION, exports: widgetsControls });
  manager.register({ name: "@jupyter-widgets/output", version: widgetsOutput.OUTPUT_WIDGET_VERSION, exports: widgetsOutput });
  return manager;
});
panel.content.rendermime.addFactory({
  safe: false, mimeTypes: [WIDGET_VIEW_MIMETYPE],
  createRenderer: options => {
    const renderer = new WidgetRenderer(options);
    widgets.then(manager => { renderer.manager = manager; });
    return renderer;
  },
}, -10);
window.addEventListener("resize", () => box.update());

// ?expose makes scripts find the application, as `jupyter lab --expose-app-in-browser` does.
if (query.has("expose")) window.jupyterapp = { shell: { widgets: () => [panel][Symbol.iterator]() } };
window.lab = { panel, NotebookActions, ready: Promise.all([panel.context.ready, panel.sessionContext.ready, panel.revealed]).then(() => true) };

// What "New Subshell Console for Notebook" does: a console opens whose kernel is
// the notebook's, in a subshell.
let consolePanel;
window.lab.openConsole = async () => {
  const { id, name } = panel.sessionContext.session.kernel;
  consolePanel = new ConsolePanel({
    manager, rendermime, name: "Console", kernelPreference: { id, name },
    contentFactory: new ConsolePanel.ContentFactory({ editorFactory: editors.newInlineEditor }),
    mimeTypeService: new CodeMirrorMimeTypeService(languages),
  });
  box.addWidget(consolePanel);
  await consolePanel.sessionContext.ready;
  const kernel = consolePanel.sessionContext.session.kernel;
  await kernel.info; // which says that there are subshells
  kernel.subshellId = (await kernel.requestCreateSubshell({}).done).content.subshell_id;
};
// Runs a cell in the console and returns its outputs.
window.lab.consoleRuns = async code => {
  await consolePanel.console.inject(code);
  const cells = consolePanel.console.cells;
  return cells.get(cells.length - 1).outputArea.model.toJSON();
};

// What the bug icon in JupyterLab's toolbar does: the debugger's service starts
// and its variable view appears.
const config = new Debugger.Config();
const service = new Debugger.Service({ config });
window.lab.debug = service;
window.lab.startDebugger = async () => {
  service.session = new Debugger.Session({ connection: panel.sessionContext.session, config });
  await service.restoreState(true);
  const tree = new VariablesBodyTree({ model: service.model.variables, service, commands: new CommandRegistry() });
  tree.id = "variables";
  tree.node.style.cssText = "position: fixed; right: 0; top: 0; width: 400px; height: 300px; background: white";
  Widget.attach(tree, document.body);
  await service.displayDefinedVariables();
};
