// One notebook, named by ?path=, as JupyterLab shows it.
import "@jupyterlab/theme-light-extension/style/variables.css";
import "@jupyterlab/notebook/style/index.js";
import { BoxPanel, Widget } from "@lumino/widgets";
import { ServiceManager } from "@jupyterlab/services";
import { NotebookActions, NotebookModelFactory, NotebookPanel, NotebookWidgetFactory } from "@jupyterlab/notebook";
import {
  CodeMirrorEditorFactory, CodeMirrorMimeTypeService, EditorExtensionRegistry, EditorLanguageRegistry, EditorThemeRegistry, ybinding,
} from "@jupyterlab/codemirror";
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
const documents = new DocumentManager({ registry, manager, opener: { open() {} } });
registry.addModelFactory(new NotebookModelFactory({}));
registry.addWidgetFactory(new NotebookWidgetFactory({
  name: "Notebook", modelName: "notebook", fileTypes: ["notebook"], defaultFor: ["notebook"], preferKernel: true, canStartKernel: true,
  rendermime: new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
  contentFactory: new NotebookPanel.ContentFactory({ editorFactory: editors.newInlineEditor }),
  mimeTypeService: new CodeMirrorMimeTypeService(languages),
}));
const panel = documents.open(query.get("path"), "Notebook");
const box = new BoxPanel({ direction: "top-to-bottom", spacing: 0 });
box.id = "main";
box.addWidget(panel);
Widget.attach(box, document.body);
window.addEventListener("resize", () => box.update());

// ?expose makes scripts find the application, as `jupyter lab --expose-app-in-browser` does.
if (query.has("expose")) window.jupyterapp = { shell: { widgets: () => [panel][Symbol.iterator]() } };
window.lab = { panel, NotebookActions, ready: Promise.all([panel.context.ready, panel.sessionContext.ready, panel.revealed]).then(() => true) };
